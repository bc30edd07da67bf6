//! The restart policy of a service: carried out by the running server, whoever has started the service, and never against
//! a stop.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;

use hiro_testkit::{League, PATIENCE, PuppetHandle, Stage, until};

const WEB: &str = "service:default/web";

fn start(league: &League, stage: &Stage, policy: &str) -> PuppetHandle {
    league.add_puppet(stage, "web", &["--restart", policy], &[]);
    league.service(&["start", "web"]).success();
    stage.puppet("web")
}

fn crash(mut puppet: PuppetHandle) {
    puppet.try_tell("exit 7");
    puppet.wait_for_end();
}

/// Waits until the server has said `text` in its log.
fn until_logged(league: &League, text: &str) {
    until(&format!("`{text}` in the server's log"), PATIENCE, || {
        let log = fs::read_to_string(league.workspace().join("stderr.log")).unwrap();
        log.contains(text).then_some(())
    });
}

#[test]
fn a_service_with_a_policy_is_started_again_after_each_crash() {
    let (league, stage) = (League::that_is_up(), Stage::new());
    let first = start(&league, &stage, "on-failure");
    crash(first);
    let second = stage.puppet("web");
    league.until_state(WEB, "ready");
    // The server is its parent by now: it sees how it ends.
    crash(second);
    let mut third = stage.puppet("web");
    until_logged(&league, "exit code 7");
    assert!(third.lives());
    league.hiro(&["down"]).success();
    third.wait_for_end();
}

#[test]
fn the_twin_without_a_policy_stays_crashed() {
    let (league, stage) = (League::that_is_up(), Stage::new());
    league.add_puppet(&stage, "kept", &["--restart", "always"], &[]);
    league.service(&["start", "kept"]).success();
    let web = start(&league, &stage, "never");
    crash(web);
    // When the other one, which crashes later, is back, the server has had its time for this one, too.
    crash(stage.puppet("kept"));
    let mut kept = stage.puppet("kept");
    assert!(kept.lives());
    assert_eq!((league.state(WEB).as_str(), stage.living().len()), ("crashed", 0));
    league.hiro(&["down"]).success();
}

#[test]
fn a_stop_is_never_undone_by_the_policy() {
    let (league, stage) = (League::that_is_up(), Stage::new());
    let mut web = start(&league, &stage, "always");
    until_logged(&league, "service runs name=service:default/web");
    league.service(&["stop", "web"]).success();
    web.wait_for_end();
    until_logged(&league, "service stopped name=service:default/web");
    // Nor one that comes between a crash and the restart.
    league.service(&["start", "web"]).success();
    crash(stage.puppet("web"));
    until_logged(&league, "a service has crashed");
    league.service(&["stop", "web"]).success();
    league.add_puppet(&stage, "kept", &["--restart", "always"], &[]);
    league.service(&["start", "kept"]).success();
    crash(stage.puppet("kept"));
    let mut kept = stage.puppet("kept");
    assert!(kept.lives());
    assert_eq!((league.state(WEB).as_str(), stage.living().len()), ("stopped", 0));
    league.hiro(&["down"]).success();
}

#[test]
fn a_service_that_crashed_while_no_server_ran_is_started_by_the_next_one_and_told_about_before() {
    let (league, stage) = (League::that_is_up(), Stage::new());
    league.hiro(&["stop"]).success();
    league.add_puppet(&stage, "web", &["--restart", "always"], &[]);
    let started = league.service(&["start", "web"]);
    assert!(
        started.success().contains("only while the workspace's server runs, which it does not"),
        "{started:?}"
    );
    crash(stage.puppet("web"));
    league.until_state(WEB, "crashed");
    league.hiro(&["start"]).success();
    let mut web = stage.puppet("web");
    assert!(web.lives());
    league.hiro(&["down"]).success();
    web.wait_for_end();
}

#[test]
fn services_outlive_their_server_and_its_restart() {
    let (league, stage) = (League::that_is_up(), Stage::new());
    let mut web = start(&league, &stage, "always");
    league.hiro(&["restart"]).success();
    assert!(web.lives());
    league.hiro(&["stop"]).success();
    assert!(web.lives());
    assert_eq!(league.state(WEB), "ready");
    league.hiro(&["down"]).success();
    web.wait_for_end();
    assert_eq!(league.traces(), [""; 0]);
}
