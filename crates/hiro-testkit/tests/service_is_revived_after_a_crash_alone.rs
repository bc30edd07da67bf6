//! `revive_instance` starts what has crashed, and leaves alone what was stopped or lives: decided under the control lock,
//! so that no stop is ever undone.

use std::net::TcpListener;

use hiro_process::{
    Error, Instance, Launch, StartOptions, Started, get_status, get_status_when, revive_instance,
};
use hiro_testkit::{PATIENCE, PuppetHandle, Stage, free_port, start, stop, until};

fn revive(instance: &Instance, launch: &Launch) -> Result<Option<Started>, Error> {
    revive_instance(instance, launch, &StartOptions::default(), &|_| true, &mut |_| {})
}

fn crash(instance: &Instance, mut puppet: PuppetHandle) {
    puppet.try_tell("exit 7");
    puppet.wait_for_end();
    until("the crash to show", PATIENCE, || (get_status(instance).name() == "crashed").then_some(()));
}

#[test]
fn what_was_stopped_or_lives_is_left_as_it_is_and_what_has_crashed_is_started() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let launch = stage.ready_launch(&instance);
    assert_eq!(revive(&instance, &launch).unwrap(), None);
    start(&instance, &launch).unwrap();
    let mut first = stage.puppet("puppet");
    assert_eq!(revive(&instance, &launch).unwrap(), None);
    assert!(first.lives());
    crash(&instance, first);
    let revived = revive(&instance, &launch).unwrap().unwrap();
    let mut second = stage.puppet("puppet");
    assert_eq!(revived.identity.pid.get(), second.pid);
    stop(&instance).unwrap();
    second.wait_for_end();
    assert_eq!(revive(&instance, &launch).unwrap(), None);
    assert_eq!(stage.living(), [0; 0]);
}

#[test]
fn a_crash_whose_port_is_a_strangers_stays_a_crash() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let launch = stage.ready_launch(&instance);
    start(&instance, &launch).unwrap();
    crash(&instance, stage.puppet("puppet"));
    let taken = TcpListener::bind(("127.0.0.1", free_port())).unwrap();
    let launch = launch.port(taken.local_addr().unwrap());
    assert!(matches!(revive(&instance, &launch), Err(Error::PortTaken(_))));
    assert_eq!(get_status(&instance).name(), "crashed");
    drop(taken);
    assert!(revive(&instance, &launch).unwrap().is_some());
    stop(&instance).unwrap();
}

#[test]
fn who_does_not_serve_is_starting_whatever_it_says_itself() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    start(&instance, &stage.ready_launch(&instance)).unwrap();
    assert_eq!(get_status_when(&instance, &|_| true).name(), "ready");
    assert_eq!(get_status_when(&instance, &|_| false).name(), "starting");
    let options = StartOptions { deadline: std::time::Duration::from_millis(50), ..StartOptions::default() };
    let launch = stage.ready_launch(&instance);
    let again = hiro_process::start_instance_when(&instance, &launch, &options, &|_| false, &mut |_| {});
    assert!(matches!(again, Err(Error::NotReady { .. })), "{again:?}");
    stop(&instance).unwrap();
}
