//! The published SDK's transport against our server: registered, configured, spoken to, asked for its status, stopped, and
//! back after a restart of the server.

use std::fs;
use std::process::{Command, Stdio};

use hiro_process::is_running;
use hiro_testkit::{Lack, League, kill, wine_lacks};
use hirocli::database::{ChannelPlugin, Database};
use serde_json::{Value, json};

use crate::mirror::{self, MIRROR, league_with, notes, sent, until_noted};
use crate::published::{Running, VERSIONS, fixture, interpreter};

/// What a plugin that says `hello` is sent: the acknowledgement and the echo, in this order.
fn there_and_back(league: &League, times: usize) {
    until_noted(league, "send", 2 * times);
    let expected = ["message.received", "[echo] hello"].repeat(times);
    assert_eq!(sent(league), expected);
}

#[test]
fn the_published_sdk_registers_is_configured_and_is_stopped_in_order() {
    if wine_lacks(Lack::Python) {
        return;
    }
    for version in VERSIONS {
        let python = interpreter(version).display().to_string();
        // Without an agent nobody would answer, so it speaks when it is restarted, too.
        let config = json!({"say": [], "é": [1, {"of": null}]});
        let league = league_with(&mirror::row(&python, "", config.clone()));
        league.hiro(&["start"]).success();
        let configured = until_noted(&league, "configure", 1);
        assert_eq!(configured[0]["value"], config, "{version}");
        league.until_state(MIRROR, "ready");
        let process = league.process(MIRROR);
        assert_eq!(configured[0]["pid"], process.pid.get(), "{version}: the PID file is the interpreter's");
        let log = fs::read_to_string(league.workspace().join("stderr.log")).expect("the server's log");
        assert!(log.contains("plugin registered name=mirror version=1.2.3"), "{version}: {log}");
        let stopped = league.hiro(&["stop"]);
        assert!(!stopped.success().contains("killed") && !is_running(&process), "{version}: {stopped:?}");
        // Its status was asked for and answered, or the end would have taken the whole grace period.
        until_noted(&league, "stop", 1);
        let log = fs::read_to_string(league.workspace().join("stderr.log")).expect("the server's log");
        assert!(!log.contains("did not end and was killed"), "{version}: {log}");
    }
}

#[test]
fn the_published_sdk_gets_its_answers_and_connects_again_after_the_server_was_killed() {
    if wine_lacks(Lack::Python) {
        return;
    }
    for version in VERSIONS {
        let league = League::that_is_up();
        league.hiro(&["stop"]).success();
        let mut config = league.config();
        // Nobody starts this one but the test.
        config["open_plugin_port"] = Value::Bool(true);
        config_written(&league, &config);
        let database = Database::open(&league.workspace()).expect("a database");
        let by_hand = ChannelPlugin { enabled: false, ..mirror::row("", "", json!({"say": ["hello"]})) };
        database.upsert_channel_plugin(&by_hand).expect("a row");
        league.hiro(&["start"]).success();
        league.until_state("channel:default/echo", "ready");
        let mut plugin = Command::new(interpreter(version));
        let url = format!("ws://127.0.0.1:{}", league.port("plugin_port"));
        plugin.arg(fixture("mirror.py")).args(["--hiro-ws", &url, "--log-dir"]);
        plugin.arg(league.workspace().join("logs")).env("HOME", league.home.folder());
        plugin.stdout(Stdio::null()).stderr(Stdio::null());
        let _plugin = Running::start(&mut plugin);
        there_and_back(&league, 1);
        kill(league.process("server:default").pid.get());
        until_noted(&league, "stop", 1);
        league.hiro(&["start"]).success();
        league.until_state("channel:default/echo", "ready");
        until_noted(&league, "start", 2);
        assert_eq!(notes(&league, "configure").len(), 2, "{version}");
        let pids: Vec<Value> = notes(&league, "start").into_iter().map(|note| note["pid"].clone()).collect();
        assert_eq!(pids[0], pids[1], "{version}: it is the same process");
    }
}

fn config_written(league: &League, config: &Value) {
    let text = serde_json::to_vec_pretty(config).expect("JSON");
    fs::write(league.workspace().join("config.json"), text).expect("a file of the test's own");
}
