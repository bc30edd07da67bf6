//! `hiro service start` returns when the service does its job, and says everything when it does not get there.

use std::net::TcpListener;

use hiro_testkit::{
    Lack, League, PATIENCE, Stage, announce, free_port, taken_by_this_test, until, wine_lacks,
};

const WEB: &str = "service:default/web";

fn scene() -> (League, Stage) {
    (League::new(), Stage::new())
}

#[test]
fn a_program_that_runs_is_ready_unless_more_is_asked_of_it() {
    let (league, stage) = scene();
    league.add_puppet(&stage, "web", &[], &[]);
    assert_eq!(league.service(&["status", "web"]).status, 3);
    let started = league.service(&["start", "web"]);
    assert!(started.success().starts_with("service:default/web started (PID "), "{started:?}");
    let mut web = stage.puppet("web");
    assert!(web.lives());
    assert_eq!((league.state(WEB).as_str(), league.service(&["status", "web"]).status), ("ready", 0));
    let again = league.service(&["start", "web"]);
    assert!(again.success().starts_with("service:default/web already running (PID "), "{again:?}");
    assert!(league.service(&["stop", "web"]).success().contains("stopped (was PID "));
    assert_eq!(league.service(&["stop", "web"]).success(), "service:default/web is not running.\n");
    assert_eq!(league.service(&["status", "web"]).status, 3);
}

#[test]
fn a_program_that_knows_the_rules_is_ready_when_it_says_so() {
    let (league, stage) = scene();
    let place = hiro_process::Instance::new(league.workspace().join("services/web.pid")).unwrap();
    league.add_puppet(&stage, "web", &["--ready", "announced"], &[&announce(&place)]);
    let mut start = league.home.command("hiro", &["service", "start", "web"]).spawn().unwrap();
    let mut web = stage.puppet("web");
    league.until_state(WEB, "starting");
    assert_eq!(league.service(&["status", "web"]).status, 5);
    web.tell("ready");
    assert!(start.wait().unwrap().success());
    assert_eq!(league.row(WEB)["pid"], web.pid, "no shim is between");
    league.service(&["stop", "web"]).success();
    web.wait_for_end();
}

#[test]
fn a_program_that_never_announces_itself_is_ended_and_told_about() {
    let (league, stage) = scene();
    league.add_puppet(&stage, "web", &["--ready", "announced", "--ready-timeout", "1"], &["stderr waiting"]);
    let output = league.service(&["start", "web"]);
    let error = output.failure(1);
    assert!(error.contains("service `web` did not become ready (`announced`)"), "{error}");
    assert!(error.contains("without announcing itself") && error.contains("| waiting"), "{error}");
    stage.puppet("web").wait_for_end();
}

#[test]
fn a_port_counts_when_the_services_own_processes_hold_it() {
    if wine_lacks(Lack::PortHolders) {
        return;
    }
    let (league, stage, port) = (League::new(), Stage::new(), free_port());
    league.add_puppet(&stage, "web", &["--ready", &format!("port:{port}")], &[]);
    let mut start = league.home.command("hiro", &["service", "start", "web"]).spawn().unwrap();
    let mut web = stage.puppet("web");
    league.until_state(WEB, "starting");
    // Not it but a process that it has started.
    web.tell(&format!("spawn child|serve {port}"));
    assert!(start.wait().unwrap().success());
    let row = league.row(WEB);
    assert_eq!((row["state"].as_str(), row["port"].as_u64()), (Some("ready"), Some(port.into())));
    league.service(&["stop", "web"]).success();
    stage.puppet("child").wait_for_end();
}

#[test]
fn a_port_that_another_program_holds_is_told_before_anything_is_spawned() {
    let (league, stage) = scene();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    league.add_puppet(&stage, "web", &["--ready", &format!("port:{port}")], &[]);
    let output = league.service(&["start", "web"]);
    assert!(output.failure(1).contains(&taken_by_this_test(port)), "{output:?}");
    assert!(output.stderr.contains("hint: stop that program, or choose another port"), "{output:?}");
    assert_eq!((stage.living().len(), league.service(&["status", "web"]).status), (0, 3));
}

#[test]
fn a_port_that_is_never_opened_is_an_error_with_all_that_was_seen_and_leaves_nothing() {
    let (league, stage) = scene();
    let options = ["--ready", &format!("port:{}", free_port()), "--ready-timeout", "1"];
    league.add_puppet(&stage, "web", &options, &["stderr still thinking", "spawn child"]);
    let output = league.service(&["start", "web"]);
    let error = output.failure(1);
    assert!(error.contains("service `web` did not become ready (`port:"), "{error}");
    assert!(error.contains("was not ready in time and was ended in phase `starting` (waited 1."), "{error}");
    assert!(error.contains("last PID seen") && error.contains("| still thinking"), "{error}");
    stage.puppet("web").wait_for_end();
    stage.puppet("child").wait_for_end();
    assert_eq!(league.service(&["status", "web"]).status, 4);
    league.service(&["stop", "web"]).success();
}

#[test]
fn a_program_that_ends_before_it_is_ready_is_told_with_its_exit_code_and_its_words() {
    let (league, stage) = scene();
    let options = ["--ready", &format!("port:{}", free_port())];
    league.add_puppet(&stage, "web", &options, &["stderr no configuration", "exit 7"]);
    let output = league.service(&["start", "web"]);
    let error = output.failure(1);
    assert!(error.contains("ended with exit code 7") && error.contains("| no configuration"), "{error}");
    assert!(
        error.contains("services/web.stderr.log") || error.contains("services\\web.stderr.log"),
        "{error}"
    );
    let error = league.row(WEB)["last_error"].as_str().unwrap().to_owned();
    assert!(error.contains("exit code 7") && error.ends_with("no configuration"), "{error}");
}

#[test]
fn a_program_that_is_nowhere_is_told_by_its_name() {
    let (league, _stage) = scene();
    league.service(&["add", "web", "--", "no-such-program-anywhere"]).success();
    let output = league.service(&["start", "web"]);
    assert!(output.failure(1).contains("no-such-program-anywhere"), "{output:?}");
    assert_eq!(league.service(&["status", "web"]).status, 4);
}

#[test]
fn an_answer_with_a_good_status_counts_and_no_other() {
    if wine_lacks(Lack::PortHolders) {
        return;
    }
    let (league, stage, port) = (League::new(), Stage::new(), free_port());
    let url = format!("http://127.0.0.1:{port}/health");
    league.add_puppet(&stage, "web", &["--ready", &url], &[&format!("http {port} 503")]);
    let mut start = league.home.command("hiro", &["service", "start", "web"]).spawn().unwrap();
    let mut web = stage.puppet("web");
    league.until_state(WEB, "starting");
    assert!(start.try_wait().unwrap().is_none());
    web.tell("http-status 204");
    assert!(start.wait().unwrap().success());
    assert_eq!(league.state(WEB), "ready");
    web.tell("http-status 500");
    assert_eq!(league.state(WEB), "starting", "it is looked at again each time");
    league.service(&["stop", "web"]).success();
}

#[test]
fn a_line_of_this_run_counts_on_either_stream_and_one_of_an_earlier_run_does_not() {
    let (league, stage) = scene();
    league.add_puppet(&stage, "web", &["--ready", "log:ready to serve"], &[]);
    for stream in ["stdout", "stderr"] {
        let mut start = league.home.command("hiro", &["service", "start", "web"]).spawn().unwrap();
        let mut web = stage.puppet("web");
        league.until_state(WEB, "starting");
        assert!(start.try_wait().unwrap().is_none());
        web.tell(&format!("{stream} now ready to serve"));
        assert!(start.wait().unwrap().success());
        assert_eq!(league.state(WEB), "ready");
        league.service(&["stop", "web"]).success();
        web.wait_for_end();
    }
}

#[test]
fn a_start_that_was_killed_leaves_a_service_that_the_next_one_waits_for() {
    let (league, stage) = scene();
    league.add_puppet(&stage, "web", &["--ready", "log:ready"], &[]);
    let mut first = league.home.command("hiro", &["service", "start", "web"]).spawn().unwrap();
    let mut web = stage.puppet("web");
    league.until_state(WEB, "starting");
    first.kill().unwrap();
    first.wait().unwrap();
    let mut second = league.home.command("hiro", &["service", "start", "web"]).spawn().unwrap();
    until("the second start to be at work", PATIENCE, || {
        let lock = league.workspace().join("services/web.pid.control");
        let lock = std::fs::File::open(lock).unwrap();
        lock.try_lock_shared().is_err().then_some(())
    });
    assert!(web.lives() && second.try_wait().unwrap().is_none());
    web.tell("stderr ready");
    assert!(second.wait().unwrap().success());
    league.service(&["stop", "web"]).success();
}
