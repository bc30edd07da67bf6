//! A Python plugin from a uv workspace, unmodified, as a channel of our server: rule 1 runs it, its PID file is the
//! interpreter's, and a crash says what it said.

use std::fs;
use std::path::Path;

use hiro_process::is_running;
use hiro_testkit::{Lack, League, Output, PATIENCE, kill, python_gateway, until, uv, wine_lacks};
use serde_json::{Value, json};

use crate::mirror::{self, MIRROR, league_with, until_noted};

/// The environment is complete: nothing is fetched while a test runs.
fn start(league: &League) {
    let mut command = league.home.command("hiro", &["start"]);
    command.env("UV", uv()).envs([("UV_NO_SYNC", "1"), ("UV_PYTHON_DOWNLOADS", "never")]);
    Output::of(&mut command).success();
}

fn with_plugin(config: Value) -> League {
    let root = python_gateway("0.2.0");
    let league = league_with(&mirror::row("python", &root.display().to_string(), config));
    start(&league);
    league
}

#[test]
fn a_python_plugin_of_a_uv_workspace_is_run_there_and_its_pid_file_is_the_interpreters() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let league = with_plugin(json!({"say": []}));
    let configured = until_noted(&league, "configure", 1);
    league.until_state(MIRROR, "ready");
    let (row, process) = (league.row(MIRROR), league.process(MIRROR));
    assert_eq!((&row["runtime"], &configured[0]["pid"]), (&json!("uv"), &json!(process.pid.get())));
    let pid_file = fs::read_to_string(league.channel("mirror").pid_file()).expect("a PID file");
    assert_eq!(pid_file, process.pid.to_string());
    let line = league.traces().into_iter().find(|line| line.starts_with(&format!("{pid_file} ")));
    let line = line.expect("the interpreter runs");
    assert!(line.contains("mirror.py") && !line.contains("uv run"), "{line}");
    // A crash of the interpreter takes its uv along, and the server starts both again.
    kill(process.pid.get());
    until("the server to start it again", PATIENCE, || {
        let row = league.row(MIRROR);
        (row["state"] == "ready" && row["pid"] != process.pid.get()).then_some(())
    });
    until_noted(&league, "configure", 2);
    let second = league.process(MIRROR);
    league.hiro(&["down"]).success();
    assert!(!is_running(&second));
    assert_eq!(league.traces(), [""; 0], "no uv and no interpreter is left");
}

#[test]
fn a_python_plugin_that_crashes_is_told_with_its_own_words() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let league = with_plugin(json!({"last_words": "the token of this bot is void"}));
    league.until_state(MIRROR, "crashed");
    let row = league.row(MIRROR);
    assert!(
        row["last_error"].as_str().unwrap_or_default().contains("the token of this bot is void"),
        "{row}"
    );
    let log = row["stderr_log"].as_str().expect("a log").to_owned();
    assert!(fs::read_to_string(Path::new(&log)).expect("the log").contains("the token of this bot is void"));
    league.until_state("channel:default/echo", "ready");
}

#[test]
fn a_program_that_the_uv_workspace_does_not_have_is_a_crash_that_names_it() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let root = python_gateway("0.2.0");
    let plugin = mirror::row("no-such-program", &root.display().to_string(), json!({}));
    let league = league_with(&plugin);
    start(&league);
    league.until_state(MIRROR, "crashed");
    let row = league.row(MIRROR);
    assert!(row["last_error"].as_str().unwrap_or_default().contains("no-such-program"), "{row}");
}
