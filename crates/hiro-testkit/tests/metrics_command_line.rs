//! `hiro metrics`: what a server gathers, read from the command line, and what is said where there is nothing to read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use hiro_testkit::{Lack, League, PATIENCE, until, wine_lacks};
use serde_json::Value;

fn assert_snapshots_come_until_nobody_reads(league: &League) {
    let mut live = league.home.command("hiro", &["metrics", "live", "--json"]);
    let mut live = live.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(live.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    let [first, second] = [next(), next()].map(|snapshot| snapshot["timestamp"].as_f64().unwrap());
    assert!(first < second, "{first}, {second}");
    drop(lines);
    let ended = live.wait_with_output().unwrap();
    assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
}

#[test]
fn figures_are_printed_once_they_are_gathered_and_otherwise_a_hint() {
    let league = League::that_is_up();
    assert!(league.hiro(&["metrics", "status"]).success().starts_with("enabled        false"));
    let refused = league.hiro(&["metrics", "snapshot"]);
    assert!(refused.failure(1).contains("hint: `hiro workspaces setup --metrics`"), "{refused:?}");
    let wanted = league.post("/metrics/configure", r#"{"enabled": true, "interval": 3600}"#);
    assert!(wanted.starts_with("HTTP/1.1 200"), "{wanted}");
    let snapshot = until("the first figures", PATIENCE, || {
        let output = league.hiro(&["metrics", "snapshot", "--json"]);
        (output.status == 0).then(|| serde_json::from_str::<Value>(&output.stdout).unwrap())
    });
    let network = snapshot["network"].as_object().unwrap();
    assert_eq!(snapshot["process"]["pid"], league.process("server:default").pid.get());
    assert!(network.contains_key("bytes_sent_per_sec"), "{snapshot}");
    let text = league.hiro(&["metrics", "snapshot", "-W", "default"]);
    assert!(text.success().contains("channel:default/echo"), "{text:?}");
    if wine_lacks(Lack::PerformanceCounters) {
        return;
    }
    let often = league.post("/metrics/configure", r#"{"interval": 1}"#);
    assert!(often.starts_with("HTTP/1.1 200"), "{often}");
    assert_snapshots_come_until_nobody_reads(&league);
    league.hiro(&["stop"]).success();
    let away = league.hiro(&["metrics", "status"]);
    assert!(away.failure(1).contains("the server of workspace `default` is stopped"), "{away:?}");
}

#[test]
fn a_server_gathers_figures_in_the_one_run_that_was_to() {
    if wine_lacks(Lack::PerformanceCounters) {
        return;
    }
    let league = League::that_is_up();
    let is_enabled = || league.hiro(&["metrics", "status"]).success().starts_with("enabled        true");
    league.hiro(&["restart", "--metrics"]).success();
    assert!(is_enabled());
    let warned = league.hiro(&["restart", "--admin"]);
    warned.success();
    assert!(warned.stderr.contains("only Python's server has admin pages"), "{warned:?}");
    assert!(!is_enabled());
    assert!(league.hiro(&["start", "--admin", "--no-admin"]).failure(2).contains("cannot be used with"));
}
