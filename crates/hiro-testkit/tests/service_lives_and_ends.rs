//! A service is an instance like any other: its crash leaves a trace, its stop leaves nothing, and what it is given is its
//! own.

use std::fs;
use std::time::Instant;

use hiro_testkit::{League, Output, PATIENCE, Stage, processes_concerned_with, program, until};
use serde_json::{Value, json};

const WEB: &str = "service:default/web";

/// A service that runs.
fn running(options: &[&str], script: &[&str]) -> (League, Stage, hiro_testkit::PuppetHandle) {
    let (league, stage) = (League::new(), Stage::new());
    league.add_puppet(&stage, "web", options, script);
    league.service(&["start", "web"]).success();
    let web = stage.puppet("web");
    (league, stage, web)
}

fn definitions(league: &League) -> std::path::PathBuf {
    league.workspace().join("services.json")
}

#[test]
fn a_service_that_has_crashed_is_told_with_its_last_words_until_it_is_stopped() {
    let (league, _stage, mut web) = running(&[], &[]);
    web.tell("stderr out of cheese");
    web.try_tell("exit 7");
    web.wait_for_end();
    league.until_state(WEB, "crashed");
    assert_eq!(league.service(&["status", "web"]).status, 4);
    assert!(league.row(WEB)["last_error"].as_str().unwrap().ends_with("out of cheese"));
    let stopped = league.service(&["stop", "web"]);
    assert!(stopped.success().contains("It had crashed: "), "{stopped:?}");
    assert_eq!(league.service(&["status", "web"]).status, 3);
}

#[test]
fn a_stop_ends_everything_that_a_service_has_started() {
    let (league, stage, mut web) = running(&["--stop-grace", "1"], &[]);
    web.tell("spawn child|ignore-term|own-session|spawn grandchild");
    let (mut child, mut grandchild) = (stage.puppet("child"), stage.puppet("grandchild"));
    league.service(&["stop", "web"]).success();
    for puppet in [&mut web, &mut child, &mut grandchild] {
        puppet.wait_for_end();
    }
    assert_eq!(processes_concerned_with(&stage.variable().1), [""; 0]);
}

#[test]
fn a_service_that_ignores_the_request_to_stop_is_killed_after_its_own_grace() {
    let (league, _stage, mut web) = running(&["--stop-grace", "1"], &[]);
    web.tell("ignore-term");
    let begun = Instant::now();
    let stopped = league.service(&["stop", "web"]);
    assert!(stopped.success().contains("was PID "), "{stopped:?}");
    web.wait_for_end();
    if cfg!(unix) {
        assert!(stopped.stdout.contains("It did not end by itself and was killed."), "{stopped:?}");
        assert!(begun.elapsed().as_secs() >= 1);
    }
}

#[test]
fn a_restart_gives_another_process_and_each_run_has_logs_of_its_own() {
    let (league, stage, mut first) = running(&[], &[]);
    first.tell("stderr first run");
    first.tell("stdout hello");
    let restarted = league.service(&["restart", "web"]);
    assert!(restarted.success().contains("restarted (was PID "), "{restarted:?}");
    first.wait_for_end();
    let mut second = stage.puppet("web");
    assert!(second.lives() && second.pid != first.pid);
    second.tell("stderr second run");
    let log = |name: &str| fs::read_to_string(league.workspace().join("services").join(name)).unwrap();
    assert_eq!(
        (log("web.stderr.log").as_str(), log("web.stderr.log.1").as_str()),
        ("second run\n", "first run\n")
    );
    assert_eq!(league.service(&["logs", "web", "--stderr"]).success(), "first run\nsecond run\n");
    assert_eq!(league.service(&["logs", "web", "--stderr", "-n", "1"]).success(), "second run\n");
    let both = league.service(&["logs", "web"]);
    assert_eq!(both.success(), "out | hello\nerr | first run\nerr | second run\n");
    let line: Value =
        serde_json::from_str(league.service(&["logs", "web", "--stdout", "--json"]).success()).unwrap();
    assert_eq!(line, json!({"source": "stdout", "text": "hello"}));
}

#[test]
fn folder_and_environment_are_as_they_were_given() {
    let league = League::new();
    let folder = league.home.folder().join("site");
    fs::create_dir(&folder).unwrap();
    let file = league.home.folder().join("site.env");
    fs::write(&file, "# of the site\nFROM_FILE=one\nBOTH=file\n").unwrap();
    let stage = Stage::new();
    let options = [
        "--cwd",
        "site",
        "--env",
        "BOTH=option",
        "--env",
        "EMPTY=",
        "--env-file",
        &file.display().to_string(),
    ];
    league.add_puppet(&stage, "web", &options, &[]);
    league.service(&["start", "web"]).success();
    let mut web = stage.puppet("web");
    let real = |path: &str| fs::canonicalize(path).unwrap();
    assert_eq!(real(&web.tell("directory")), real(&folder.display().to_string()));
    let mut environment = |name: &str| web.tell(&format!("environment {name}"));
    assert_eq!((environment("FROM_FILE"), environment("BOTH")), ("one".to_owned(), "option".to_owned()));
    assert_eq!(
        (environment("HIRO_SERVICE"), environment("HIRO_WORKSPACE")),
        ("web".into(), "default".into())
    );
    league.service(&["stop", "web"]).success();
}

#[test]
fn a_secret_is_in_no_command_line_and_not_in_what_is_listed() {
    let league = League::new();
    let file = league.home.folder().join("secret.env");
    fs::write(&file, "PASSWORD=hunter2\n").unwrap();
    let stage = Stage::new();
    league.add_puppet(
        &stage,
        "web",
        &["--env", "TOKEN=hunter3", "--env-file", &file.display().to_string()],
        &[],
    );
    let started = league.service(&["start", "web"]);
    started.success();
    let mut web = stage.puppet("web");
    assert_eq!(web.tell("environment PASSWORD"), "hunter2");
    let lines = processes_concerned_with(&stage.variable().1);
    assert!(!lines.is_empty() && lines.iter().all(|line| !line.contains("hunter")), "{lines:?}");
    let text = fs::read_to_string(definitions(&league)).unwrap();
    assert!(!text.contains("hunter2"), "what is in the file stays there");
    let listed = league.service(&["list", "--json"]);
    assert!(!listed.success().contains("hunter") && listed.stdout.contains("TOKEN"), "{listed:?}");
    league.service(&["stop", "web"]).success();
}

#[cfg(unix)]
#[test]
fn a_file_of_secrets_that_others_can_read_is_warned_about_and_what_is_written_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let league = League::new();
    let file = league.home.folder().join("secret.env");
    fs::write(&file, "PASSWORD=hunter2\n").unwrap();
    let stage = Stage::new();
    league.add_puppet(&stage, "web", &["--env-file", &file.display().to_string()], &[]);
    let start = || {
        let output = league.service(&["restart", "web"]);
        output.success();
        output.stderr
    };
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(start().contains("warning: others can read `"));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(start(), "");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&definitions(&league)), 0o600);
    for file in ["web.pid", "web.pid.json", "web.stderr.log", "web.stdout.log"] {
        assert_eq!(mode(&league.workspace().join("services").join(file)), 0o600, "{file}");
    }
    assert_eq!(mode(&league.workspace().join("services")), 0o700);
}

#[test]
fn definitions_that_are_damaged_are_named_left_alone_and_keep_nothing_from_being_stopped() {
    let (league, _stage, mut web) = running(&[], &[]);
    let damaged = "{\n  \"services\": {\"web\": 7}\n}";
    fs::write(definitions(&league), damaged).unwrap();
    for words in [&["list"][..], &["start", "web"], &["add", "x", "--", "y"], &["status"]] {
        let output = league.service(words);
        assert!(output.failure(1).contains("services.json` is damaged at line 2"), "{output:?}");
        assert!(output.stderr.contains("hint: repair the file"), "{output:?}");
    }
    assert!(league.hiro(&["status"]).failure(1).contains("services.json` is damaged"));
    assert_eq!(league.row(WEB)["last_error"], "it has no definition");
    assert!(league.service(&["stop", "web"]).success().contains("stopped (was PID"));
    web.wait_for_end();
    assert_eq!(fs::read_to_string(definitions(&league)).unwrap(), damaged);
}

#[test]
fn what_can_not_be_a_service_is_refused_with_the_reason() {
    let league = League::new();
    league.service(&["add", "db", "--", "a"]).success();
    let refused = |words: &[&str], status: i32, reason: &str| {
        let output = league.service(words);
        assert!(output.failure(status).contains(reason), "{words:?}: {output:?}");
    };
    refused(&["add", "db", "--", "a"], 1, "there is a service `db` already, from `hiro service add`");
    refused(&["add", "DB", "--", "a"], 1, "there is a service `db` already");
    refused(&["add", "web", "--after", "bd", "--", "a"], 1, "`web` comes after `bd`, which is no service");
    refused(&["add", "web", "--env", "HIRO_LAUNCH_ID=1", "--", "a"], 1, "`env`: `HIRO_LAUNCH_ID` belongs to");
    refused(&["add", "../web", "--", "a"], 2, "it contains a path separator");
    refused(&["add", "web"], 2, "<COMMAND>");
    refused(&["add", "web", "--ready", "port:0", "--", "a"], 2, "its port is no number from 1 to 65535");
    refused(&["add", "web", "--stop-grace", "4000", "--", "a"], 2, "4000");
    refused(&["start", "web"], 1, "workspace `default` has no service `web` (there are: `db`)");
    refused(&["logs", "web"], 1, "workspace `default` has no service `web`");
    league.service(&["add", "lost", "--cwd", "no-such-folder", "--", "a"]).success();
    refused(&["start", "lost"], 1, "service `lost`: `directory`: `");
    league.service(&["remove", "lost"]).success();
    assert!(!league.hiro(&["down"]).success().contains("lost"), "what is gone is not spoken of");
    league.service(&["add", "web", "--after", "db", "--", "a"]).success();
    refused(&["remove", "db"], 1, "`web` comes after `db`");
    league.service(&["remove", "web"]).success();
    league.service(&["remove", "db"]).success();
    assert!(league.service(&["list"]).success().starts_with("No services are defined"));
}

#[test]
fn a_service_that_is_removed_is_stopped_first() {
    let (league, _stage, mut web) = running(&[], &[]);
    assert!(league.service(&["remove", "web"]).success().contains("stopped (was PID "));
    web.wait_for_end();
    assert!(league.rows().iter().all(|row| row["name"] != WEB));
}

#[test]
fn starts_of_one_service_at_once_give_one_process() {
    let (league, stage) = (League::new(), Stage::new());
    league.add_puppet(&stage, "web", &[], &[]);
    let start = || league.home.command("hiro", &["service", "start", "web"]).spawn().unwrap();
    let starts: Vec<_> = (0..4).map(|_| start()).collect();
    for mut start in starts {
        assert!(start.wait().unwrap().success());
    }
    // Its program says so itself, perhaps a moment after the shim has started it.
    until("the program to speak", PATIENCE, || (!stage.living().is_empty()).then_some(()));
    assert_eq!(stage.living().len(), 1);
    league.service(&["stop", "web"]).success();
}

#[test]
fn services_of_two_workspaces_of_one_name_are_two() {
    let (league, stage) = (League::new(), Stage::new());
    for workspace in ["one", "two"] {
        league.hiro(&["workspaces", "create", workspace]).success();
        let (variable, address) = stage.variable();
        let puppet = program("puppet").display().to_string();
        let environment = format!("{variable}={address}");
        let called = format!("name {workspace}");
        let words = ["add", "web", "-W", workspace, "--env", &environment, "--", &puppet, &called];
        league.service(&words).success();
        league.service(&["start", "web", "-W", workspace]).success();
    }
    let (mut one, mut two) = (stage.puppet("one"), stage.puppet("two"));
    let status = league.service(&["status", "-W", "two", "--json"]);
    let status: Value = serde_json::from_str(status.success()).unwrap();
    assert_eq!(status["instances"].as_array().unwrap().len(), 1);
    assert_eq!(status["instances"][0]["name"], "service:two/web");
    league.service(&["stop", "web", "-W", "one"]).success();
    one.wait_for_end();
    assert!(two.lives());
    assert_eq!(league.hiro(&["status", "service:one/web"]).status, 3);
    assert_eq!(league.hiro(&["status", "service:two/web"]).status, 0);
    league.hiro(&["down"]).success();
    two.wait_for_end();
}

#[test]
fn down_stops_services_also_with_no_server_and_no_definitions() {
    let (league, _stage, mut web) = running(&[], &[]);
    fs::remove_file(definitions(&league)).unwrap();
    let output: Output = league.hiro(&["down"]);
    assert!(output.success().contains("service:default/web stopped (was PID "), "{output:?}");
    web.wait_for_end();
}

#[test]
fn a_workspace_whose_services_run_is_not_removed_and_its_teardown_stops_them() {
    let (league, stage, mut web) = running(&[], &[]);
    let refused = league.hiro(&["workspaces", "remove", "default"]);
    assert!(refused.failure(1).contains("service `web` is not stopped"), "{refused:?}");
    assert!(web.lives());
    league.hiro(&["workspaces", "teardown", "--purge"]).success();
    web.wait_for_end();
    assert!(!league.workspace().exists());
    assert_eq!(stage.living(), [0; 0]);
}
