//! The plugin of the guide as a stranger's program on a real server: configured, talked to, restarted and stopped, with a
//! log where the server says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use hiro_process::is_running;
use hiro_testkit::{League, PATIENCE, free_port, kill, target_folder, until};
use hirocli::database::{ChannelPlugin, Database};
use serde_json::{Map, json};

const LINES: &str = "channel:default/lines";

/// A league whose server runs the plugin, and the plugin's port.
fn with_lines() -> (League, u16) {
    let (league, port) = (League::that_is_up(), free_port());
    league.hiro(&["stop"]).success();
    let program = target_folder().join(format!("examples/lines{}", std::env::consts::EXE_SUFFIX));
    assert!(program.is_file(), "`{}` is missing: cargo builds it with the tests", program.display());
    let plugin = ChannelPlugin {
        command: vec![program.display().to_string()],
        config: Map::from_iter([("port".to_owned(), json!(port))]),
        ..ChannelPlugin::new("lines")
    };
    Database::open(&league.workspace()).unwrap().upsert_channel_plugin(&plugin).unwrap();
    league.hiro(&["start"]).success();
    league.until_state(LINES, "ready");
    league.until_state("channel:default/echo", "ready");
    (league, port)
}

/// What comes back for a line. Nobody answers before both plugins have registered.
fn answer(port: u16, line: &str) -> String {
    until("the plugin to listen", PATIENCE, || TcpStream::connect(("127.0.0.1", port)).ok().map(drop));
    until("an answer", PATIENCE, || {
        let mut person = TcpStream::connect(("127.0.0.1", port)).ok()?;
        person.set_read_timeout(Some(std::time::Duration::from_secs(2))).unwrap();
        writeln!(person, "{line}").ok()?;
        BufReader::new(person).lines().next()?.ok()
    })
}

#[test]
fn the_plugin_of_the_guide_carries_a_line_there_and_back_and_logs_where_the_server_says() {
    let (league, port) = with_lines();
    assert_eq!(answer(port, "hello"), "[echo] hello");
    let log = fs::read_to_string(league.workspace().join("logs/channel-lines.log")).unwrap();
    let mut rows = log.lines();
    assert_eq!(rows.next(), Some("timestamp,level,module,message,extra"));
    assert!(rows.next().unwrap().ends_with(",INFO,HIRO_CHANNEL_SDK,registered,"), "{log}");
    let plugin = league.process(LINES);
    let stopped = league.hiro(&["stop"]);
    assert!(!stopped.success().contains("killed") && !is_running(&plugin), "{stopped:?}");
    assert_eq!(league.state(LINES), "stopped");
}

#[test]
fn the_plugin_of_the_guide_works_again_after_a_restart_of_the_server_and_after_its_own_crash() {
    let (league, port) = with_lines();
    let first = league.process(LINES);
    league.hiro(&["restart"]).success();
    league.until_state(LINES, "ready");
    assert_eq!(answer(port, "again"), "[echo] again");
    let second = league.process(LINES);
    assert!(!is_running(&first) && first != second);
    kill(second.pid.get());
    until("the server to start it again", PATIENCE, || {
        let row = league.row(LINES);
        (row["state"] == "ready" && row["pid"] != second.pid.get()).then_some(())
    });
    assert_eq!(answer(port, "and again"), "[echo] and again");
}

#[cfg(unix)]
#[test]
fn a_plugin_that_is_run_by_hand_ends_on_a_signal_and_says_where_no_server_is() {
    let program = target_folder().join("examples/lines");
    let folder = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(program);
    let url = format!("ws://127.0.0.1:{}", free_port());
    command.env("HIRO_WS", &url).arg("--log-dir").arg(folder.path());
    let mut plugin = command.stderr(std::process::Stdio::null()).spawn().unwrap();
    let log = folder.path().join("channel-lines.log");
    until("a row about the missing server", PATIENCE, || {
        fs::read_to_string(&log).ok().filter(|text| text.contains("not connected to the server"))
    });
    let process = rustix::process::Pid::from_child(&plugin);
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    assert!(plugin.wait().unwrap().success());
}
