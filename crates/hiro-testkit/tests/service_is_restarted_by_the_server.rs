//! The restart policy of a service: carried out by the running server, whoever has started the service, and never against
//! a stop.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;

use hiro_testkit::{League, PATIENCE, PuppetHandle, Stage, exits_are_told_to_others, program, until};

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

/// Waits until the server has noticed the service's process of the moment.
fn until_seen(league: &League) {
    let pid = &league.row(WEB)["pid"];
    until_logged(league, &format!("service runs name={WEB} pid={pid}"));
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
    league.until_state(WEB, "ready");
    assert!(third.lives());
    let last_crash = until("the second restart to be on record", PATIENCE, || {
        let row = league.row(WEB);
        (row["restarts"] == 2).then(|| row["last_crash"].clone())
    });
    assert!(last_crash["reason"].as_str().unwrap().contains("exit code 7"), "{last_crash}");
    league.hiro(&["down"]).success();
    third.wait_for_end();
}

/// The server has not started it, and learns how it ended all the same.
#[test]
fn an_end_in_order_of_a_service_that_a_command_started_is_no_failure_and_any_other_is_told_with_its_exit_code()
 {
    if !exits_are_told_to_others() {
        return;
    }
    let (league, stage) = (League::that_is_up(), Stage::new());
    let mut first = start(&league, &stage, "on-failure");
    until_seen(&league);
    first.try_tell("exit 0");
    first.wait_for_end();
    until_logged(&league, "service has ended in order name=service:default/web");
    assert_eq!((league.state(WEB).as_str(), stage.living().len()), ("stopped", 0));
    league.service(&["start", "web"]).success();
    until_seen(&league);
    crash(stage.puppet("web"));
    let mut third = stage.puppet("web");
    let last_crash = league.row(WEB)["last_crash"].clone();
    assert!(last_crash["reason"].as_str().unwrap().contains("exit code 7"), "{last_crash}");
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

#[test]
fn a_service_whose_program_has_gone_is_given_up_on_and_told_about_until_somebody_starts_it() {
    let (league, stage) = (League::that_is_up(), Stage::new());
    let first = start(&league, &stage, "always");
    // What is missing from now on no second try would find.
    let definitions = league.workspace().join("services.json");
    let text = fs::read_to_string(&definitions).unwrap();
    let puppet = program("puppet").display().to_string().replace('\\', "\\\\");
    fs::write(&definitions, text.replace(&puppet, "no-such-program-anywhere")).unwrap();
    crash(first);
    let reason =
        until("the server to give up", PATIENCE, || league.row(WEB)["gave_up"].as_str().map(str::to_owned));
    assert!(
        reason.contains("it can't be started") && reason.contains("no-such-program-anywhere"),
        "{reason}"
    );
    assert_eq!(league.state(WEB), "crashed");
    fs::write(&definitions, text).unwrap();
    league.service(&["start", "web"]).success();
    let mut again = stage.puppet("web");
    assert!(again.lives());
    until("the server to see it", PATIENCE, || league.row(WEB)["gave_up"].is_null().then_some(()));
    league.hiro(&["down"]).success();
    again.wait_for_end();
}

#[test]
fn orders_through_the_servers_api_are_carried_out_and_a_stop_by_it_holds() {
    let (league, stage) = (League::that_is_up(), Stage::new());
    league.add_puppet(&stage, "web", &["--restart", "always"], &[]);
    let order = |what: &str| league.post(&format!("/processes/service:default/web/{what}"), "");
    assert!(order("start").starts_with("HTTP/1.1 200"));
    let mut first = stage.puppet("web");
    let answer = order("restart");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("was_pid"), "{answer}");
    first.wait_for_end();
    let mut second = stage.puppet("web");
    assert!(second.lives());
    assert!(order("stop").starts_with("HTTP/1.1 200"));
    second.wait_for_end();
    assert_eq!((league.state(WEB).as_str(), stage.living().len()), ("stopped", 0));
    assert!(league.post("/processes/service:default/nobody/start", "").starts_with("HTTP/1.1 404"));
    league.hiro(&["down"]).success();
}

#[test]
fn a_service_that_floods_its_log_does_not_fill_the_disk_and_goes_on() {
    let (league, stage) = (League::that_is_up(), Stage::new());
    let mut web = start(&league, &stage, "never");
    let log = league.workspace().join("services/web.stdout.log");
    let length = || fs::metadata(&log).unwrap().len();
    // As long as it takes, without the disk that it would take.
    fs::OpenOptions::new().write(true).open(&log).unwrap().set_len(80 << 20).unwrap();
    until("the log to be cut", PATIENCE, || (length() < 80 << 20).then_some(()));
    web.tell("stdout and on");
    until("the next line", PATIENCE, || (fs::read_to_string(&log).unwrap() == "and on\n").then_some(()));
    until("it to be told", PATIENCE, || league.row(WEB)["offences"].is_object().then_some(()));
    league.hiro(&["down"]).success();
    web.wait_for_end();
}
