//! A parent that lives long: it waits for the end of a child whose start was confirmed, and learns what only a parent
//! learns.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use hiro_process::{
    Error, Exit, ProcessWatch, StartFailureCause, StartOptions, State, get_status, start_instance,
    start_instance_while,
};
use hiro_testkit::{PATIENCE, Stage, is_listed};

#[test]
fn the_exit_code_of_a_child_that_ended_after_its_start_is_known_to_its_parent_and_to_others() {
    let stage = Stage::new();
    let instance = stage.instance("child");
    let launch = stage.ready_launch(&instance);
    let started = start_instance(&instance, &launch, &StartOptions::default(), &mut |_| {}).unwrap();
    let watch = ProcessWatch::open(&instance, &started.identity).unwrap();
    assert!(!watch.wait_for_end(Duration::from_millis(1)).unwrap(), "it lives");
    let mut child = stage.puppet("puppet");
    thread::scope(|scope| {
        let wait = scope.spawn(|| watch.wait_for_end(PATIENCE));
        child.try_tell("exit 7");
        assert!(wait.join().unwrap().unwrap());
    });
    let State::Crashed(crash) = get_status(&instance) else { panic!("it has crashed") };
    assert_eq!(crash.exit, Some(Exit::Code(7)));
    assert!(!is_listed(started.identity.pid.get()), "not even a zombie");
    let report = instance.pid_file().with_extension("pid.exit.json");
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert_eq!(report["exit"]["code"], 7, "{report}");
}

#[test]
fn a_start_that_nobody_wants_any_more_is_broken_off_and_leaves_nothing() {
    let stage = Stage::new();
    let instance = stage.instance("child");
    // It never says that it is ready.
    let launch = stage.launch(&instance, &[]);
    let is_wanted = AtomicBool::new(true);
    thread::scope(|scope| {
        let start = scope.spawn(|| {
            let wanted = || is_wanted.load(Ordering::Acquire);
            start_instance_while(&instance, &launch, &StartOptions::default(), &wanted, &mut |_| {})
        });
        let mut child = stage.puppet("puppet");
        is_wanted.store(false, Ordering::Release);
        let Err(Error::NotStarted(failure)) = start.join().unwrap() else { panic!("it was not wanted") };
        assert_eq!(failure.cause, StartFailureCause::NotWanted);
        child.wait_for_end();
    });
}
