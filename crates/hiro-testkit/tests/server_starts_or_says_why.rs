//! `hiro start` and the server in the foreground: started, or an error that names what is in the way.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::thread;

use hiro_process::is_running;
use hiro_testkit::{League, PATIENCE, taken_by_this_test, until};

const SERVER: &str = "server:default";

/// A league whose server does not run.
fn without_server() -> League {
    let league = League::that_is_up();
    league.hiro(&["stop"]).success();
    league
}

fn foreground(league: &League) -> Child {
    let mut command = league.home.command("hiro", &["start", "--foreground"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    league.until_state(SERVER, "ready");
    child
}

#[test]
fn a_start_from_nothing_sets_up_the_default_workspace() {
    let league = League::new();
    let registry = league.home.data("hiro").join("registry.json");
    std::fs::create_dir_all(registry.parent().unwrap()).unwrap();
    let first = league.ports.first;
    std::fs::write(&registry, format!("{{\"port_range_start\": {first}, \"later\": true}}")).unwrap();
    let output = league.hiro(&["start"]);
    assert!(output.success().contains(&format!("HTTP: http://127.0.0.1:{first}/status")), "{output:?}");
    league.until_state("channel:default/devices", "ready");
    assert_eq!(league.row(SERVER)["ws_connected"], false, "there is no gateway yet");
    assert!(
        std::fs::read_to_string(registry).unwrap().contains("\"later\": true"),
        "what others wrote is kept"
    );
}

#[test]
fn starts_at_once_give_one_server() {
    let league = without_server();
    let said: Vec<String> = thread::scope(|scope| {
        let starts: Vec<_> =
            (0..8).map(|_| scope.spawn(|| league.hiro(&["start"]).success().to_owned())).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    let already = format!("Server already running (PID {}).\n", league.process(SERVER).pid);
    assert_eq!(said.iter().filter(|line| **line == already).count(), 7, "{said:?}");
}

#[test]
fn an_http_port_that_is_taken_names_its_holder_and_orphans_nothing() {
    let league = without_server();
    let port = league.port("http_port");
    let _stranger = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let output = league.hiro(&["start"]);
    let error = output.failure(1);
    let named = format!("error: {}", taken_by_this_test(port));
    assert!(error.starts_with(&named) && error.contains("\nhint: "), "{error}");
    assert_eq!(league.traces().len(), 1, "the gateway alone: {:?}", league.traces());
    assert_eq!(league.state(SERVER), "stopped", "nothing was spawned");
}

#[test]
fn a_plugin_port_that_is_taken_names_its_holder_too_and_is_never_started() {
    let league = without_server();
    let port = league.port("plugin_port");
    let stranger = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let output = league.hiro(&["start"]);
    let named = taken_by_this_test(port);
    assert!(output.failure(1).contains(&named), "{output:?}");
    assert_eq!(league.hiro(&["status", SERVER]).status, 4);
    assert_eq!(league.traces().len(), 1, "the gateway alone: {:?}", league.traces());
    drop(stranger);
    league.hiro(&["start"]).success();
}

#[test]
fn a_workspace_without_its_key_says_so() {
    let league = without_server();
    std::fs::remove_file(league.workspace().join("master_key.pem")).unwrap();
    let output = league.hiro(&["start"]);
    assert!(output.failure(1).contains("could not read `") && output.stderr.contains("master_key.pem"));
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_a_server_in_the_foreground_and_nothing_is_left() {
    let league = without_server();
    let child = foreground(&league);
    league.until_state("channel:default/echo", "ready");
    assert_eq!(league.process(SERVER).pid.get(), child.id());
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "Server starting in foreground (Ctrl+C to stop)\nServer stopped.\n");
    assert_eq!(league.state(SERVER), "stopped");
    assert_eq!(league.traces().len(), 1, "the gateway alone: {:?}", league.traces());
}

#[test]
fn a_second_server_in_the_foreground_is_refused_and_the_first_one_stays_manageable() {
    let league = without_server();
    let first = foreground(&league);
    let second = league.hiro(&["start", "--foreground"]);
    assert!(second.failure(1).contains(&format!("already running (PID {})", first.id())), "{second:?}");
    assert!(is_running(&league.process(SERVER)));
    let stopped = league.hiro(&["stop"]);
    assert_eq!(stopped.success(), format!("Server stopped (was PID {}).\n", first.id()));
    first.wait_with_output().unwrap();
}

#[test]
fn a_restart_says_who_it_was_and_who_it_is() {
    let league = League::that_is_up();
    let before = league.process(SERVER).pid;
    let output = league.hiro(&["restart"]);
    let now = league.process(SERVER).pid;
    assert_ne!(before, now);
    let url = format!("http://127.0.0.1:{}/status", league.port("http_port"));
    let expected = format!("Server restarted (was PID {before}, now PID {now}).\n  HTTP: {url}\n");
    assert_eq!(output.success(), expected);
}

#[test]
fn a_server_in_the_foreground_whose_log_nobody_reads_any_more_goes_on_and_ends_as_told() {
    let league = without_server();
    let mut child = foreground(&league);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let registered = until("a plugin to register", PATIENCE, || {
        lines.next()?.ok().filter(|line| line.contains("plugin registered"))
    });
    assert!(registered.contains("name="), "{registered}");
    drop(lines);
    league.until_state("channel:default/echo", "ready");
    league.until_state("channel:default/devices", "ready");
    league.hiro(&["stop"]).success();
    until("its end", PATIENCE, || child.try_wait().unwrap());
    assert_eq!(league.state(SERVER), "stopped");
}
