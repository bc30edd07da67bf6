//! What becomes of a channel plugin that crashes: it is started again by its rules, or given up on with a reason.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use hiro_testkit::{League, Output, PATIENCE, Stage, is_listed, program, until};
use hirocli::database::{ChannelPlugin, Database};
use serde_json::{Map, Value, json};

const PUPPET: &str = "channel:default/puppet";

/// A league that is down, with one more plugin: a puppet with this script and these rules.
fn with_puppet(script: &[&str], rules: Value) -> League {
    let league = League::that_is_up();
    league.hiro(&["stop"]).success();
    let program = program("puppet").display().to_string();
    let command = [&[program.as_str(), "name plugin"], script, &["--"]].concat();
    let plugin = ChannelPlugin {
        command: command.into_iter().map(str::to_owned).collect(),
        config: Map::from_iter([("supervision".to_owned(), rules)]),
        ..ChannelPlugin::new("puppet")
    };
    Database::open(&league.workspace()).unwrap().upsert_channel_plugin(&plugin).unwrap();
    league
}

fn start(league: &League, stage: &Stage) {
    let (name, address) = stage.variable();
    Output::of(league.home.command("hiro", &["start"]).env(name, address)).success();
}

/// The row of the puppet once it was given up on.
fn given_up(league: &League) -> Value {
    until("the plugin to be given up on", PATIENCE, || {
        let row = league.row(PUPPET);
        row["gave_up"].is_string().then_some(row)
    })
}

fn crash_loop(script: &[&str], exit: &str) {
    let league = with_puppet(script, json!({"first_delay_ms": 10, "crashes": 3}));
    league.hiro(&["start"]).success();
    let row = given_up(&league);
    let reason = row["gave_up"].as_str().unwrap();
    assert!(reason.starts_with("3 crashes within 60 s") && reason.contains(exit), "{row}");
    assert_eq!((row["state"].as_str(), row["restarts"].as_u64()), (Some("crashed"), Some(2)), "{row}");
    let status = league.hiro(&["channel", "status", "puppet"]);
    assert_eq!(status.status, 4);
    assert!(status.stdout.contains("given up on after 3 crashes"), "{status:?}");
    assert!(status.stdout.contains("  | what went wrong"), "{status:?}");
    league.until_state("channel:default/echo", "ready");
    league.hiro(&["down"]).success();
    assert_eq!(league.traces(), [""; 0]);
}

#[test]
fn a_plugin_that_crashes_at_once_is_tried_again_and_then_given_up_on_with_its_stderr() {
    crash_loop(&["stderr what went wrong", "exit 3"], "exit code 3");
}

#[test]
fn so_is_one_that_crashes_a_little_later() {
    crash_loop(&["stderr what went wrong", "hold-for 50", "exit 4"], "exit code 4");
}

#[test]
fn a_missing_command_is_given_up_on_at_once() {
    let league = with_puppet(&[], json!({}));
    let missing = std::env::temp_dir().join("no such program").display().to_string();
    let plugin = ChannelPlugin { command: vec![missing.clone()], ..ChannelPlugin::new("puppet") };
    Database::open(&league.workspace()).unwrap().upsert_channel_plugin(&plugin).unwrap();
    league.hiro(&["start"]).success();
    let row = given_up(&league);
    let reason = row["gave_up"].as_str().unwrap();
    assert!(reason.starts_with("it can't be started") && reason.contains(&missing), "{row}");
    assert_eq!(row["restarts"], 0);
}

#[test]
fn a_plugin_that_proves_itself_between_its_crashes_is_never_given_up_on_and_each_end_is_known() {
    let stage = Stage::new();
    let league = with_puppet(&[], json!({"first_delay_ms": 1, "proven_after_ms": 0, "crashes": 2}));
    start(&league, &stage);
    let mut gone = Vec::new();
    for code in 1..=8 {
        let mut plugin = stage.puppet("plugin");
        // A run counts from the moment at which its start is confirmed.
        let pid = u64::from(plugin.pid);
        until("the start to be confirmed", PATIENCE, || {
            let log = std::fs::read_to_string(league.workspace().join("stderr.log")).unwrap();
            (log.matches("child started name=\"channel:default/puppet\"").count() >= code).then_some(())
        });
        plugin.try_tell(&format!("exit {code}"));
        plugin.wait_for_end();
        gone.push(pid);
    }
    let mut last = stage.puppet("plugin");
    league.until_state(PUPPET, "ready");
    let row = until("the last restart to be on record", PATIENCE, || {
        let row = league.row(PUPPET);
        (row["restarts"] == 8).then_some(row)
    });
    assert!(row["last_crash"]["reason"].as_str().unwrap().contains("exit code 8"), "{row}");
    assert!(last.lives() && row["gave_up"].is_null());
    assert!(gone.iter().all(|pid| !is_listed(u32::try_from(*pid).unwrap())), "not even a zombie");
}

#[test]
fn a_plugin_that_was_given_up_on_runs_again_once_somebody_starts_it() {
    let stage = Stage::new();
    let league = with_puppet(&["exit 3"], json!({"first_delay_ms": 1, "crashes": 2}));
    start(&league, &stage);
    given_up(&league);
    let program = program("puppet").display().to_string();
    let words = ["channel", "configure", "puppet", "--", &program, "name revived", "--"];
    league.hiro(&words).success();
    assert!(stage.puppet("revived").lives());
    assert_eq!(league.row(PUPPET)["gave_up"], Value::Null);
}

#[test]
fn a_plugin_that_floods_its_stderr_fills_no_disk_and_its_last_lines_stay() {
    let league = with_puppet(&["flood-stderr"], json!({}));
    let mut config = league.config();
    config["plugin_stderr_max_bytes"] = json!(1 << 20);
    std::fs::write(league.workspace().join("config.json"), config.to_string()).unwrap();
    league.hiro(&["start"]).success();
    until("the log to have been cut several times", PATIENCE, || {
        let row = league.row(PUPPET);
        row["offences"]["stderr_flood"].as_u64().filter(|times| *times >= 5)
    });
    assert_eq!(league.state(PUPPET), "ready", "it is its log that is cut, not the plugin");
    let logs = league.workspace().join("channels");
    // It goes on being cut: what was put aside moves on for a moment before the next part is there, whole.
    let aside = until("what was put aside", PATIENCE, || {
        let file = std::fs::metadata(logs.join("puppet.stderr.log.1")).ok()?;
        Some(file.len()).filter(|length| *length > 0)
    });
    assert!(aside <= 1 << 20, "{aside}");
    assert!(!logs.join("puppet.stderr.log.4").exists());
    until("its last line", PATIENCE, || {
        let shown = league.hiro(&["channel", "logs", "puppet", "-n", "1"]);
        shown.success().contains("flood").then_some(())
    });
    league.hiro(&["down"]).success();
    assert_eq!(league.traces(), [""; 0]);
}

#[test]
fn a_plugin_that_runs_and_says_nothing_is_named() {
    let stage = Stage::new();
    let league = with_puppet(&[], json!({}));
    let mut config = league.config();
    config["plugin_silence_ms"] = json!(1);
    std::fs::write(league.workspace().join("config.json"), config.to_string()).unwrap();
    start(&league, &stage);
    let row = until("the silence to be on record", PATIENCE, || {
        let row = league.row(PUPPET);
        (row["offences"]["silent"] == 1).then_some(row)
    });
    assert_eq!(row["state"], "ready", "it is let alone");
    let log = std::fs::read_to_string(league.workspace().join("stderr.log")).unwrap();
    assert!(log.contains("no registration, although it runs") && log.contains(PUPPET), "{log}");
}

#[test]
fn what_a_plugin_leaves_behind_when_it_crashes_is_gone_before_the_next_one_comes() {
    let stage = Stage::new();
    let league = with_puppet(&[], json!({"first_delay_ms": 1}));
    start(&league, &stage);
    let mut plugin = stage.puppet("plugin");
    plugin.tell("spawn orphan|ignore-term|own-session");
    let mut orphan = stage.puppet("orphan");
    plugin.try_tell("exit 9");
    plugin.wait_for_end();
    assert!(stage.puppet("plugin").lives());
    orphan.wait_for_end();
}
