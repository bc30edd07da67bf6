//! `hiro channel`: what is typed, what becomes of it with and without a server, and the exit codes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use hiro_process::is_running;
use hiro_testkit::{League, Output, Stage, program};
use serde_json::Value;

const PUPPET: &str = "channel:default/puppet";

fn json(output: &Output) -> Value {
    serde_json::from_str(output.success()).unwrap()
}

/// A league that is up, where every plugin finds the stage.
fn up(stage: &Stage) -> League {
    let league = League::that_is_up();
    league.hiro(&["stop"]).success();
    let (name, address) = stage.variable();
    Output::of(league.home.command("hiro", &["start"]).env(name, address)).success();
    league
}

fn add(league: &League) -> Output {
    let program = program("puppet").display().to_string();
    league.hiro(&["channel", "add", "puppet", "--set", "colour=red", "--", &program, "name plugin", "--"])
}

#[test]
fn a_channel_is_added_stopped_started_restarted_and_removed_while_the_server_runs() {
    let stage = Stage::new();
    let league = up(&stage);
    assert!(add(&league).success().starts_with("Channel 'puppet' added (PID "));
    let mut first = stage.puppet("plugin");
    assert_eq!(league.state(PUPPET), "ready");
    assert!(add(&league).failure(1).contains("channel `puppet` already exists"));

    assert!(league.hiro(&["channel", "stop", "puppet"]).success().contains("stopped (was PID "));
    first.wait_for_end();
    assert_eq!(league.hiro(&["channel", "status", "puppet"]).status, 3);
    league.hiro(&["channel", "stop", "puppet"]).success();

    league.hiro(&["channel", "start", "puppet"]).success();
    let mut second = stage.puppet("plugin");
    assert_eq!(league.hiro(&["channel", "status", "puppet"]).status, 0);
    let restarted = json(&league.hiro(&["channel", "restart", "puppet", "--json"]));
    second.wait_for_end();
    let mut third = stage.puppet("plugin");
    assert!(restarted["pid"] != restarted["was_pid"] && restarted["applied"] == true, "{restarted}");

    third.tell("stderr something to say");
    let logs = league.hiro(&["channel", "logs", "puppet", "-n", "1"]);
    assert_eq!(logs.success().trim_end(), "something to say");
    third.tell("stderr 1.5,INFO,PUPPET,not,a row");
    let logs = league.hiro(&["channel", "logs", "puppet", "-n", "2"]);
    assert_eq!(logs.success().trim_end(), "something to say\n1.5,INFO,PUPPET,not,a row");

    league.hiro(&["channel", "remove", "puppet", "-y"]).success();
    third.wait_for_end();
    assert!(league.hiro(&["channel", "status", "puppet"]).failure(1).contains("no channel `puppet`"));
    assert!(league.rows().iter().all(|row| row["name"] != PUPPET));
}

#[test]
fn a_channel_that_is_disabled_ends_at_once_and_comes_back_when_it_is_enabled() {
    let league = League::that_is_up();
    let echo = league.process("channel:default/echo");
    league.hiro(&["channel", "disable", "echo"]).success();
    assert!(!is_running(&echo));
    let refused = league.hiro(&["channel", "start", "echo"]);
    assert!(refused.failure(1).contains("hint: `hiro channel enable echo`"), "{refused:?}");
    league.hiro(&["channel", "enable", "echo"]).success();
    assert!(is_running(&league.process("channel:default/echo")));
    // Whose new process has registered, so that it answers.
    assert!(league.hiro(&["demo", "still"]).success().contains("[echo] still"));
}

#[test]
fn the_bridge_to_the_gateway_can_be_neither_disabled_nor_removed() {
    let league = League::that_is_up();
    for command in ["disable", "remove"] {
        let refused = league.hiro(&["channel", command, "devices"]);
        assert!(refused.failure(1).contains("channel `devices` is mandatory"), "{refused:?}");
    }
    assert_eq!(league.state("channel:default/devices"), "ready");
}

#[test]
fn without_a_server_rows_change_and_only_a_start_says_that_it_is_not_running() {
    let stage = Stage::new();
    let league = League::that_is_up();
    league.hiro(&["stop"]).success();
    assert!(add(&league).success().contains("The server is not running."));
    let refused = league.hiro(&["channel", "start", "puppet"]);
    assert!(refused.failure(1).contains("hint:") && refused.stderr.contains("is stopped"), "{refused:?}");
    league.hiro(&["channel", "stop", "puppet"]).success();
    league
        .hiro(&["channel", "configure", "puppet", "--set", r#"level={"x": 1}"#, "--unset", "colour"])
        .success();
    let misspelt = r#"supervision={"first_delay": 200}"#;
    let refused = league.hiro(&["channel", "configure", "puppet", "--set", misspelt]);
    assert!(refused.failure(1).contains("unknown field `first_delay`, expected one of"), "{refused:?}");
    assert!(refused.stderr.contains("hint: rules are like"), "{refused:?}");
    let all = json(&league.hiro(&["channel", "list", "--json"]));
    let channels = all["channels"].as_array().unwrap();
    let names: Vec<_> = channels.iter().map(|channel| channel["channel"].as_str().unwrap()).collect();
    assert_eq!(names, ["devices", "echo", "puppet"]);
    assert_eq!(channels[2]["config"], serde_json::json!({"level": {"x": 1}}));
    assert_eq!(
        (channels[2]["enabled"].as_bool(), channels[2]["state"].as_str()),
        (Some(true), Some("stopped"))
    );
    league.hiro(&["channel", "setup", "old", "-c", "some program --loud", "--no-enable"]).success();
    let old = league.hiro(&["channel", "status", "old", "--json"]);
    let old: Value = serde_json::from_str(&old.stdout).unwrap();
    assert_eq!(
        (&old["command"], &old["enabled"]),
        (&serde_json::json!(["some", "program", "--loud"]), &Value::Bool(false))
    );
    let (name, address) = stage.variable();
    Output::of(league.home.command("hiro", &["start"]).env(name, address)).success();
    assert!(stage.puppet("plugin").lives());
}

#[test]
fn a_package_is_installed_by_uv_and_not_by_this_program() {
    let league = League::that_is_up();
    let refused = league.hiro(&["channel", "install", "telegram"]);
    assert!(refused.failure(1).contains("`uv tool install hiro-channel-telegram`"), "{refused:?}");
}
