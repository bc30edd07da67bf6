//! A running instance starts its successor: nobody sees "stopped" in between, and a stop meanwhile is obeyed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeSet;
use std::thread;

use hiro_process::{Instance, State, get_status};
use hiro_testkit::{PATIENCE, PuppetHandle, Stage, announce, start, states_seen_during, stop, until};

fn running(stage: &Stage, instance: &Instance) -> PuppetHandle {
    start(instance, &stage.launch(instance, &["name old", &announce(instance), "ready"])).unwrap();
    stage.puppet("old")
}

fn restart_command(instance: &Instance, script: &str) -> String {
    format!("restart name new|{}{script}", announce(instance))
}

#[test]
fn the_successor_takes_over_and_nobody_sees_stopped_or_crashed_in_between() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let mut old = running(&stage, &instance);
    let (seen, mut new) = states_seen_during(&instance, || {
        assert_eq!(old.tell(&restart_command(&instance, "|ready")), "ok");
        let new = stage.puppet("new");
        old.try_tell("exit 0");
        old.wait_for_end();
        until("the successor to be ready", PATIENCE, || match get_status(&instance) {
            State::Ready(run) => (run.identity.pid.get() == new.pid).then_some(()),
            _ => None,
        });
        new
    });
    assert!(new.lives());
    assert!(seen.is_subset(&BTreeSet::from(["ready", "starting", "stopping"])), "{seen:?}");
    stop(&instance).unwrap();
    assert_eq!(get_status(&instance), State::Stopped);
}

#[test]
fn the_successor_waits_until_the_old_process_has_gone() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let mut old = running(&stage, &instance);
    old.tell(&restart_command(&instance, "|ready"));
    let new = stage.puppet("new");
    let run = get_status(&instance).run().unwrap().clone();
    assert_eq!((get_status(&instance).name(), run.identity.pid.get()), ("stopping", old.pid));
    assert_ne!(new.pid, old.pid);
    old.try_tell("exit 0");
    let ready = until("the successor to take over", PATIENCE, || match get_status(&instance) {
        State::Ready(run) => Some(run.identity.pid.get()),
        _ => None,
    });
    assert_eq!(ready, new.pid);
    stop(&instance).unwrap();
}

#[test]
fn a_stop_meanwhile_ends_both_and_nothing_comes_back() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let mut old = running(&stage, &instance);
    old.tell(&restart_command(&instance, "|ready"));
    let mut new = stage.puppet("new");
    stop(&instance).unwrap();
    old.wait_for_end();
    new.wait_for_end();
    assert_eq!(get_status(&instance), State::Stopped);
    assert!(!instance.pid_file().exists());
}

#[test]
fn a_stop_that_comes_first_is_obeyed_and_there_is_no_successor() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    start(&instance, &stage.launch(&instance, &["name old", "ignore-term", &announce(&instance), "ready"]))
        .unwrap();
    let mut old = stage.puppet("old");
    thread::scope(|scope| {
        let stopping = scope.spawn(|| stop(&instance).unwrap());
        // Refused as soon as the stop has been heard, although the stop holds the instance.
        let answer = until("the stop to be heard", PATIENCE, || Some(old.tell("wait-for-stop")));
        assert_eq!(answer, "ok");
        let answer = old.try_tell(&restart_command(&instance, "|ready"));
        assert!(answer.is_none_or(|answer| answer.contains("a stop was asked for")));
        stopping.join().unwrap();
    });
    assert_eq!(get_status(&instance), State::Stopped);
    assert_eq!(stage.living(), [0_u32; 0]);
}

#[test]
fn a_successor_that_fails_is_a_crash_with_its_own_stderr() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let mut old = running(&stage, &instance);
    old.tell("stderr said by the old one");
    old.tell("restart name new|stderr said by the new one|exit 9");
    let mut new = stage.puppet("new");
    new.wait_for_end();
    assert_eq!(get_status(&instance).name(), "stopping", "the old one is still on its way out");
    old.try_tell("exit 0");
    old.wait_for_end();
    let crash = until("the crash to show", PATIENCE, || match get_status(&instance) {
        State::Crashed(crash) => Some(crash),
        _ => None,
    });
    assert_eq!(crash.stderr, ["said by the new one"]);
    assert!(instance.pid_file().exists());
    start(&instance, &stage.ready_launch(&instance)).unwrap();
    stop(&instance).unwrap();
}

#[test]
fn self_restarts_and_stops_at_random_leave_nothing_behind() {
    let rounds: u32 = std::env::var("HIRO_STRESS_ROUNDS").map_or(20, |rounds| rounds.parse().unwrap());
    let stage = Stage::new();
    let instance = stage.instance("home");
    for round in 0..rounds {
        let mut old = running(&stage, &instance);
        thread::scope(|scope| {
            let stopping = scope.spawn(|| stop(&instance).unwrap());
            let _ = old.try_tell(&restart_command(&instance, "|ready"));
            let _ = old.try_tell("exit 0");
            stopping.join().unwrap();
        });
        stop(&instance).unwrap();
        assert_eq!(get_status(&instance), State::Stopped, "round {round}");
        assert_eq!(stage.living(), [0_u32; 0], "round {round}");
    }
}
