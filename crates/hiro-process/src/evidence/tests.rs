//! The table of `judge`, and what holds for every combination of witnesses.

use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};

use super::{LockWitness, Seen, Witnesses, judge};
use crate::identity::{Identity, StartTime};
use crate::pid::Pid;
use crate::pid_file::{Claim, PidFile};
use crate::record::{Phase, Record};
use crate::state::{CrashEvidence, State};

fn pid(number: u32) -> Pid {
    Pid::try_from(number).unwrap()
}

fn record(number: u32, phase: Phase) -> Record {
    let text = format!(
        r#"{{"schema":1,"pid":{number},"start_time":900,"start_time_epoch":100.0,"boot_id":"b",
        "launch_id":"l","phase":"{phase}","announced_at":101.0,"phase_at":101.0}}"#
    );
    Record::parse(text.as_bytes()).unwrap()
}

fn process(number: u32, start_time: u64) -> Seen {
    Seen {
        identity: Identity { pid: pid(number), start_time: StartTime(start_time) },
        start_time_epoch: 100.0,
        carries_launch: false,
        recognised: false,
    }
}

fn claim(number: u32) -> PidFile {
    PidFile::Pid(Claim { pid: pid(number), start_time_epoch: None, modified_epoch: 101.0 })
}

/// A running instance as it should be: every test takes one witness away.
fn running(phase: Phase) -> Witnesses {
    Witnesses {
        pid_file: claim(7),
        record: Some(record(7, phase)),
        same_boot: true,
        process: Some(process(7, 900)),
        lock: LockWitness::Held(Some(pid(7))),
        shim_pending: false,
        commanded: false,
        successor_lives: false,
        exit: None,
    }
}

fn evidence(seen: &Witnesses) -> CrashEvidence {
    match judge(seen) {
        State::Crashed(crash) => crash.evidence,
        other => panic!("{other:?}"),
    }
}

#[test]
fn when_all_witnesses_agree_the_phase_is_the_state() {
    for (phase, name) in
        [(Phase::Starting, "starting"), (Phase::Ready, "ready"), (Phase::Stopping, "stopping")]
    {
        assert_eq!(judge(&running(phase)).name(), name);
    }
}

#[test]
fn a_process_that_is_gone_or_another_one_is_a_crash() {
    let mut seen = running(Phase::Ready);
    seen.lock = LockWitness::Free;
    seen.process = None;
    assert_eq!(evidence(&seen), CrashEvidence::Gone);
    seen.process = Some(process(7, 901));
    assert_eq!(evidence(&seen), CrashEvidence::PidReused);
}

#[test]
fn a_process_that_has_gone_while_a_command_is_at_work_is_being_stopped() {
    let gone = Witnesses { process: None, lock: LockWitness::Free, ..running(Phase::Ready) };
    assert_eq!(judge(&Witnesses { commanded: true, ..gone.clone() }).name(), "stopping");
    assert_eq!(evidence(&gone), CrashEvidence::Gone);
}

#[test]
fn another_boot_is_a_crash_whatever_bears_the_number() {
    let seen = Witnesses { same_boot: false, ..running(Phase::Ready) };
    assert_eq!(evidence(&seen), CrashEvidence::Rebooted);
}

#[test]
fn a_forged_record_without_lock_and_launch_id_is_not_believed() {
    let mut seen = Witnesses { lock: LockWitness::Free, ..running(Phase::Ready) };
    assert_eq!(judge(&seen).name(), "unverifiable");
    seen.process = Some(Seen { carries_launch: true, ..process(7, 900) });
    assert_eq!(judge(&seen).name(), "ready");
    seen.lock = LockWitness::Held(Some(pid(8)));
    assert_eq!(judge(&seen).name(), "unverifiable");
}

#[test]
fn a_pid_file_that_stands_alone_needs_somebody_who_vouches_for_it() {
    let mut seen = Witnesses { record: None, lock: LockWitness::Free, ..running(Phase::Ready) };
    assert_eq!(judge(&seen).name(), "unverifiable");
    seen.process = Some(Seen { recognised: true, ..process(7, 900) });
    assert_eq!(judge(&seen).name(), "ready");
    seen.process = Some(Seen { recognised: true, start_time_epoch: 104.0, ..process(7, 900) });
    assert_eq!(evidence(&seen), CrashEvidence::PidReused);
}

#[test]
fn a_second_line_is_the_identity_within_the_tolerance() {
    let with_time = |time| {
        let claim = Claim { pid: pid(7), start_time_epoch: Some(time), modified_epoch: 0.0 };
        Witnesses {
            pid_file: PidFile::Pid(claim),
            record: None,
            lock: LockWitness::Free,
            ..running(Phase::Ready)
        }
    };
    assert_eq!(judge(&with_time(101.9)).name(), "ready");
    assert_eq!(evidence(&with_time(102.1)), CrashEvidence::PidReused);
}

#[test]
fn a_lost_pid_file_does_not_hide_a_process_that_holds_its_lock() {
    for pid_file in [PidFile::Missing, PidFile::Damaged] {
        assert_eq!(judge(&Witnesses { pid_file, ..running(Phase::Ready) }).name(), "ready");
    }
}

#[test]
fn while_the_successor_is_on_its_way_nobody_sees_stopped_or_crashed() {
    let gone = Witnesses {
        process: None,
        lock: LockWitness::Free,
        successor_lives: true,
        ..running(Phase::Stopping)
    };
    assert_eq!(judge(&gone).name(), "starting");
    let mut taking_over = running(Phase::Starting);
    taking_over.pid_file = claim(6);
    taking_over.record.as_mut().unwrap().predecessor =
        Some(Identity { pid: pid(6), start_time: StartTime(800) });
    assert_eq!(judge(&taking_over).name(), "starting");
}

fn any_witnesses() -> impl Strategy<Value = Witnesses> {
    let pid_file = prop_oneof![
        Just(PidFile::Missing),
        Just(PidFile::Damaged),
        Just(PidFile::Foreign("it is a folder".into())),
        (6..9u32, proptest::option::of(95.0..110.0f64), 95.0..110.0f64).prop_map(
            |(number, start, modified)| {
                PidFile::Pid(Claim { pid: pid(number), start_time_epoch: start, modified_epoch: modified })
            }
        ),
    ];
    let phase = prop_oneof![Just(Phase::Starting), Just(Phase::Ready), Just(Phase::Stopping)];
    let record = proptest::option::of((6..9u32, phase).prop_map(|(number, phase)| record(number, phase)));
    let process = proptest::option::of((6..9u32, 899..902u64, any::<bool>(), any::<bool>()).prop_map(
        |(number, start, carries_launch, recognised)| Seen {
            carries_launch,
            recognised,
            ..process(number, start)
        },
    ));
    let lock = prop_oneof![
        Just(LockWitness::Free),
        proptest::option::of(6..9u32).prop_map(|holder| LockWitness::Held(holder.map(pid))),
    ];
    (pid_file, record, process, lock, any::<[bool; 4]>()).prop_map(
        |(pid_file, record, process, lock, [same_boot, shim_pending, commanded, successor_lives])| {
            Witnesses {
                pid_file,
                record,
                same_boot,
                process,
                lock,
                shim_pending,
                commanded,
                successor_lives,
                exit: None,
            }
        },
    )
}

proptest! {
    #[test]
    fn a_process_is_named_only_if_it_was_seen_alive_or_somebody_is_at_work_on_its_end(seen in any_witnesses()) {
        if let Some(run) = judge(&seen).run() {
            let alive = seen.process.is_some_and(|process| process.identity == run.identity);
            assert!(alive || seen.successor_lives || seen.commanded);
        }
    }

    #[test]
    fn stopped_is_said_only_without_pid_file_and_with_a_free_lock(seen in any_witnesses()) {
        if judge(&seen) == State::Stopped {
            assert_eq!(seen.pid_file, PidFile::Missing);
            assert_eq!(seen.lock, LockWitness::Free);
        }
    }

    #[test]
    fn what_is_not_ours_to_read_is_never_called_running_or_crashed(seen in any_witnesses()) {
        if matches!(seen.pid_file, PidFile::Foreign(_)) {
            assert_eq!(judge(&seen).name(), "unverifiable");
        }
    }
}
