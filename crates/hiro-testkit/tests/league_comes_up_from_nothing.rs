//! `hiro up`: from nothing to a league that answers, and the same league when it is said again.

use std::net::TcpListener;
use std::process::Stdio;

use hiro_process::is_running;
use hiro_testkit::{League, Output, taken_by_this_test};
use serde_json::Value;

const PARTS: [&str; 4] =
    ["server:default", "channel:default/devices", "channel:default/echo", "gateway:default"];

#[test]
fn up_makes_and_starts_everything_and_a_message_comes_back_through_all_of_it() {
    let league = League::new();
    let output = league.up();
    let said = output.success();
    for part in PARTS {
        assert!(said.contains(part), "{said}");
        assert_eq!(league.state(part), "ready");
    }
    assert!(
        said.contains("stderr.log") && said.contains("hiro demo") && said.contains("hiro down"),
        "{said}"
    );
    assert_eq!(output.stderr, "", "nothing took long");
    let demo = league.hiro(&["demo", "hello", "--json"]);
    let demo: Value = serde_json::from_str(demo.success()).unwrap();
    assert_eq!(demo["echo"], "[echo] hello");
    assert!(demo["pairing_ms"].as_f64() > Some(0.0) && demo["round_trip_ms"].as_f64() > Some(0.0), "{demo}");
}

#[test]
fn up_returns_what_it_has_printed_although_its_children_live_on() {
    let league = League::new();
    // `Output` reads to the end of the pipes, as a shell does in `out=$(hiro up)`.
    assert!(league.up().success().ends_with("hiro down\n"));
    assert!(PARTS.iter().all(|part| is_running(&league.process(part))));
}

#[test]
fn a_second_up_leaves_every_process_as_it_is() {
    let league = League::that_is_up();
    let before = league.processes();
    assert_eq!(before.len(), PARTS.len());
    let output = league.hiro(&["up", "--demo", "again"]);
    assert!(output.success().contains("[echo] again"), "{output:?}");
    assert_eq!(league.processes(), before);
}

#[test]
fn six_ups_at_once_give_one_league() {
    let league = League::new();
    let from = league.ports.first.to_string();
    let begin = |_| {
        let mut command = league.home.command("hiro", &["up", "--ports-from", &from]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    for child in (0..6).map(begin).collect::<Vec<_>>() {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(league.processes().len(), PARTS.len());
    assert_eq!(league.traces().len(), PARTS.len(), "{:?}", league.traces());
}

#[test]
fn ports_that_are_taken_at_first_are_avoided_and_those_that_were_chosen_are_kept() {
    let league = League::new();
    let first = league.ports.first;
    let strangers = [first, first + 6].map(|port| TcpListener::bind(("127.0.0.1", port)).unwrap());
    league.up().success();
    let chosen = ["http_port", "plugin_port"].map(|key| league.port(key));
    assert_eq!(chosen, [first + 4, first + 5]);
    assert_eq!(league.config()["gateway_url"], format!("ws://127.0.0.1:{}", first + 1));
    league.hiro(&["down"]).success();
    drop(strangers);
    league.up().success();
    assert_eq!(["http_port", "plugin_port"].map(|key| league.port(key)), chosen);
    assert_eq!(league.row("gateway:default")["port"], first + 1);
}

#[test]
fn a_port_that_was_chosen_and_is_a_strangers_now_is_an_error_that_names_the_stranger() {
    let league = League::that_is_up();
    let gateway = league.row("gateway:default")["port"].as_u64().unwrap();
    let ports = [league.port("http_port"), league.port("plugin_port"), u16::try_from(gateway).unwrap()];
    for port in ports {
        league.hiro(&["down"]).success();
        let _stranger = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let output = league.up();
        let error = output.failure(1);
        let named = taken_by_this_test(port);
        assert!(error.contains(&named) && error.contains("hint: "), "{error}");
        assert!(league.processes().iter().all(|(name, _)| name == "gateway:default"), "nothing is orphaned");
    }
}

#[test]
fn a_gateway_on_another_port_is_followed_by_the_server() {
    let league = League::that_is_up();
    let (server, port) = (league.process("server:default"), league.ports.first + 20);
    league.home.run("hiro", &["gateway", "stop"]).success();
    let registry = league.home.data("hirogate").join("registry.json");
    let mut changed: Value = serde_json::from_slice(&std::fs::read(&registry).unwrap()).unwrap();
    changed["instances"]["default"]["port"] = port.into();
    std::fs::write(&registry, changed.to_string()).unwrap();
    league.up().success();
    assert_eq!(league.config()["gateway_url"], format!("ws://127.0.0.1:{port}"));
    assert!(!is_running(&server));
    assert!(league.hiro(&["demo", "there"]).success().contains("[echo] there"));
}

#[test]
fn an_error_is_printed_once_and_never_with_a_backtrace() {
    let league = League::new();
    let mut command = league.home.command("hiro", &["demo", "hello"]);
    let output = Output::of(command.env("RUST_BACKTRACE", "1"));
    let error = output.failure(1);
    assert_eq!(error.lines().count(), 2, "{error}");
    assert!(
        error.starts_with("error: No workspaces configured.") && error.contains("\nhint: `hiro up`"),
        "{error}"
    );
}
