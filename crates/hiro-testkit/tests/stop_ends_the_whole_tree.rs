//! "Stopped" is said when nothing of the instance lives, and not before. Each test has a twin, or a check in it, that
//! shows what would live on.

use std::collections::BTreeSet;
use std::time::Duration;

use hiro_process::{StopOptions, Stopped, get_status, stop_process};
use hiro_testkit::{Stage, announce, kill, start, states_seen_during, stop};

#[test]
fn a_child_that_obeys_ends_gracefully_and_a_second_stop_says_that_nothing_runs() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    start(&instance, &stage.ready_launch(&instance)).unwrap();
    let mut puppet = stage.puppet("puppet");
    assert!(
        matches!(stop(&instance).unwrap(), Stopped::Gracefully(identity) if identity.pid.get() == puppet.pid)
    );
    puppet.wait_for_end();
    assert_eq!(stop(&instance).unwrap(), Stopped::NotRunning);
}

#[test]
fn a_stop_where_nothing_ever_was_leaves_no_trace() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    assert_eq!(stop(&instance).unwrap(), Stopped::NotRunning);
    assert!(!instance.folder().exists());
}

#[test]
fn a_child_that_ignores_every_request_is_killed_after_the_grace_period() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    start(&instance, &stage.launch(&instance, &["ignore-term", &announce(&instance), "ready"])).unwrap();
    let mut puppet = stage.puppet("puppet");
    assert!(matches!(stop(&instance).unwrap(), Stopped::Killed(_)));
    puppet.wait_for_end();
    assert!(!instance.pid_file().exists());
}

#[cfg(unix)]
#[test]
fn a_suspended_child_obeys_or_is_killed() {
    use hiro_process::State;
    use rustix::process::{Pid, Signal, kill_process};

    for (script, killed) in [(vec![], false), (vec!["ignore-term"], true)] {
        let stage = Stage::new();
        let instance = stage.instance("home");
        let mut script: Vec<String> = script.into_iter().map(String::from).collect();
        script.extend([announce(&instance), "ready".into()]);
        let script: Vec<&str> = script.iter().map(String::as_str).collect();
        start(&instance, &stage.launch(&instance, &script)).unwrap();
        let mut puppet = stage.puppet("puppet");
        kill_process(Pid::from_raw(puppet.pid.cast_signed()).unwrap(), Signal::STOP).unwrap();
        assert_eq!(matches!(stop(&instance).unwrap(), Stopped::Killed(_)), killed);
        puppet.wait_for_end();
        assert_eq!(get_status(&instance), State::Stopped);
    }
}

#[test]
fn a_grandchild_ends_with_the_instance() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let script = ["spawn grandchild|ignore-term", &announce(&instance), "ready"];
    start(&instance, &stage.launch(&instance, &script)).unwrap();
    let mut grandchild = stage.puppet("grandchild");
    assert!(grandchild.lives());
    stop(&instance).unwrap();
    grandchild.wait_for_end();
}

#[test]
fn a_grandchild_in_its_own_session_ends_with_the_instance_even_if_its_parent_has_gone() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let middle = "spawn middle|spawn grandchild|exit 0";
    start(&instance, &stage.launch(&instance, &[&announce(&instance), "ready", middle])).unwrap();
    let (mut middle, mut grandchild) = (stage.puppet("middle"), stage.puppet("grandchild"));
    middle.wait_for_end();
    assert_eq!(grandchild.tell("own-session"), "ok");
    assert_eq!(grandchild.tell("ignore-term"), "ok");
    stop(&instance).unwrap();
    grandchild.wait_for_end();
}

/// The twin of the above: without the stop of the tree, the death of the worker alone leaves both.
#[test]
fn grandchildren_survive_a_worker_that_is_killed_until_a_stop_clears_the_crash() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let script = ["name worker", "spawn near", "spawn far|own-session", &announce(&instance), "ready"];
    start(&instance, &stage.launch(&instance, &script)).unwrap();
    let (mut worker, mut near, mut far) = (stage.puppet("worker"), stage.puppet("near"), stage.puppet("far"));
    kill(worker.pid);
    worker.wait_for_end();
    assert!(near.lives() && far.lives());
    let cleared = stop(&instance).unwrap();
    assert!(matches!(cleared, Stopped::Cleared(_)), "{cleared:?}");
    near.wait_for_end();
    far.wait_for_end();
}

#[test]
fn another_instance_that_was_started_from_within_lives_on() {
    let stage = Stage::new();
    let (outer, inner) = (stage.instance("outer"), stage.instance("inner"));
    start(&outer, &stage.launch(&outer, &["name outer", &announce(&outer), "ready"])).unwrap();
    let mut outer_puppet = stage.puppet("outer");
    let script = format!("start {}|name inner|{}|ready", inner.pid_file().display(), announce(&inner));
    assert_eq!(outer_puppet.tell(&script), "ok");
    let mut inner_puppet = stage.puppet("inner");
    stop(&outer).unwrap();
    outer_puppet.wait_for_end();
    assert!(inner_puppet.lives());
    assert_eq!(get_status(&inner).name(), "ready");
    stop(&inner).unwrap();
    inner_puppet.wait_for_end();
}

#[test]
fn nobody_sees_a_crash_while_a_stop_is_at_work() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let (seen, ()) = states_seen_during(&instance, || {
        for script in [[].as_slice(), &["ignore-term"]] {
            for _ in 0..10 {
                let announce = announce(&instance);
                let script: Vec<&str> = script.iter().copied().chain([announce.as_str(), "ready"]).collect();
                start(&instance, &stage.launch(&instance, &script)).unwrap();
                let options = StopOptions { grace: Duration::from_millis(50), ..StopOptions::default() };
                stop_process(&instance, &options).unwrap();
            }
        }
    });
    assert!(seen.is_subset(&BTreeSet::from(["stopped", "starting", "ready", "stopping"])), "{seen:?}");
}
