//! What a status says after crashes, reboots and losses, and of processes that only seem alive or dead.

use std::fs;

use hiro_process::{CrashEvidence, Exit, State, get_status, is_running};
use hiro_testkit::{PATIENCE, Stage, announce, is_listed, is_zombie, kill, start, stop, until};

#[test]
fn a_killed_process_is_a_crash_with_its_last_words_and_its_pid_file_stays() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    start(&instance, &stage.ready_launch(&instance)).unwrap();
    let mut puppet = stage.puppet("puppet");
    puppet.tell("stderr out of memory");
    kill(puppet.pid);
    puppet.wait_for_end();
    let crash = until("the crash to show", PATIENCE, || match get_status(&instance) {
        State::Crashed(crash) => Some(crash),
        _ => None,
    });
    assert_eq!((crash.evidence, crash.pid.unwrap().get()), (CrashEvidence::Gone, puppet.pid));
    assert_eq!(crash.stderr, ["out of memory"]);
    assert!(instance.pid_file().exists());
}

#[test]
fn only_the_stderr_of_the_last_run_is_told() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    for line in ["first", "second"] {
        start(&instance, &stage.launch(&instance, &[&format!("stderr {line}"), "exit 1"])).unwrap_err();
    }
    let State::Crashed(crash) = get_status(&instance) else { panic!() };
    assert_eq!(crash.stderr, ["second"]);
    assert_eq!(fs::read_to_string(instance.stderr_log()).unwrap(), "first\nsecond\n");
}

#[test]
fn a_zombie_child_of_a_parent_that_lives_long_is_not_running_and_is_reaped() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let started = start(&instance, &stage.ready_launch(&instance)).unwrap();
    let mut puppet = stage.puppet("puppet");
    kill(puppet.pid);
    puppet.wait_for_end();
    // This test is the parent, and it never waited for its child.
    until("the zombie to be collected", PATIENCE, || {
        assert_ne!(get_status(&instance).name(), "ready");
        (!is_listed(puppet.pid)).then_some(())
    });
    assert!(!is_running(&started.identity));
    assert_eq!(get_status(&instance).name(), "crashed");
}

#[test]
fn a_zombie_that_its_parent_does_not_collect_is_not_running() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let mut parent_process =
        stage.stranger(&["name parent", &format!("spawn child|{}|ready", announce(&instance))]);
    let (mut parent, mut child) = (stage.puppet("parent"), stage.puppet("child"));
    assert_eq!(child.tell("ping"), "pong");
    let identity = get_status(&instance).run().unwrap().identity;
    kill(child.pid);
    child.wait_for_end();
    until("the child to be no longer running", PATIENCE, || (!is_running(&identity)).then_some(()));
    assert_eq!(is_zombie(child.pid), cfg!(unix), "Windows has none");
    assert_eq!(get_status(&instance).name(), "crashed");
    assert!(parent.lives());
    drop((parent, stage));
    parent_process.wait().unwrap();
}

#[cfg(unix)]
#[test]
fn a_process_of_another_user_is_running() {
    use hiro_process::{Identity, Pid};

    let stage = Stage::new();
    let mut process = stage.stranger(&["as-nobody name nobody"]);
    let mut nobody = stage.puppet("nobody");
    // Process 1 is root's: whoever may not signal it must still see it alive.
    assert_eq!(nobody.tell("alive 1"), "true");
    assert!(is_running(&Identity::of(Pid::try_from(1).unwrap()).unwrap().unwrap()));
    drop((nobody, stage));
    process.wait().unwrap();
}

#[test]
fn after_a_reboot_nothing_is_believed_and_no_process_is_looked_at() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    start(&instance, &stage.ready_launch(&instance)).unwrap();
    let mut puppet = stage.puppet("puppet");
    let record = fs::read_to_string(instance.record_file()).unwrap();
    let mut record: serde_json::Value = serde_json::from_str(&record).unwrap();
    record["boot_id"] = "yesterday".into();
    fs::write(instance.record_file(), record.to_string()).unwrap();
    let State::Crashed(crash) = get_status(&instance) else { panic!("{:?}", get_status(&instance)) };
    assert_eq!(crash.evidence, CrashEvidence::Rebooted);
    assert!(crash.to_string().contains("booted since"), "{crash}");
    assert!(puppet.lives(), "the same number, the same start time, and yet nobody asked it");
}

#[test]
fn a_process_whose_pid_file_was_lost_is_still_seen_and_can_be_stopped() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    start(&instance, &stage.ready_launch(&instance)).unwrap();
    let mut puppet = stage.puppet("puppet");
    fs::remove_file(instance.pid_file()).unwrap();
    assert_eq!(get_status(&instance).name(), "ready");
    assert!(start(&instance, &stage.ready_launch(&instance)).unwrap().already_running);
    stop(&instance).unwrap();
    puppet.wait_for_end();
    assert_eq!(get_status(&instance), State::Stopped);
}

#[test]
fn a_program_that_knows_only_the_old_way_is_believed_if_its_command_line_fits() {
    let stage = Stage::new();
    let plain = stage.instance("home");
    fs::create_dir_all(plain.folder()).unwrap();
    let mut process = stage.stranger(&["name old"]);
    let mut old = stage.puppet("old");
    assert_eq!(old.tell(&format!("write-old-pid {}", plain.pid_file().display())), "ok");
    assert_eq!(get_status(&plain).name(), "unverifiable");
    assert_eq!(get_status(&plain.clone().with_legacy_command(["name new"])).name(), "unverifiable");
    let known = plain.with_legacy_command(["name old"]);
    assert_eq!(get_status(&known).run().unwrap().identity.pid.get(), old.pid);
    let collected = std::thread::spawn(move || process.wait().unwrap());
    stop(&known).unwrap();
    old.wait_for_end();
    collected.join().unwrap();
    assert_eq!(get_status(&known), State::Stopped);
}

#[test]
fn the_exit_status_is_told_if_the_start_saw_it() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    start(&instance, &stage.launch(&instance, &[&announce(&instance), "stderr no key", "exit 4"]))
        .unwrap_err();
    let State::Crashed(crash) = get_status(&instance) else { panic!() };
    assert_eq!((crash.evidence, crash.exit), (CrashEvidence::Gone, Some(Exit::Code(4))));
    assert!(crash.to_string().ends_with("exit code 4, in phase `starting`: no key"), "{crash}");
}
