//! What `hirogate` says and how it exits: for people, for scripts, and in JSON.

use hiro_testkit::{DESKTOP_KEY, Home, Output, free_port};
use serde_json::{Value, json};

fn hirogate(home: &Home, words: &[&str]) -> Output {
    home.run("hirogate", words)
}

fn pid_of(home: &Home, name: &str) -> u64 {
    home.gateway(name)["pid"].as_u64().expect("a live process")
}

#[test]
fn a_gateway_is_created_started_seen_restarted_and_stopped() {
    let home = Home::new();
    let port = home.create_gateway("home");
    assert_eq!(hirogate(&home, &["status", "home"]).status, 3);
    let started = hirogate(&home, &["start", "home"]);
    let first = pid_of(&home, "home");
    assert_eq!(started.success(), format!("Gateway started (PID {first}). WS: ws://127.0.0.1:{port}\n"));
    let again = hirogate(&home, &["start", "-I", "home"]);
    assert_eq!(again.success(), format!("Gateway already running (PID {first}).\n"));
    let restarted = hirogate(&home, &["restart"]);
    let second = pid_of(&home, "home");
    assert_ne!(first, second);
    let expected =
        format!("Gateway restarted (was PID {first}, now PID {second}). WS: ws://127.0.0.1:{port}\n");
    assert_eq!(restarted.success(), expected);
    assert_eq!(hirogate(&home, &["status", "--instance", "home"]).status, 0);
    let stopped = hirogate(&home, &["stop"]);
    assert_eq!(stopped.success(), format!("Gateway stopped (was PID {second}).\n"));
    assert_eq!(hirogate(&home, &["stop"]).success(), "Gateway is not running.\n");
    let restarted = hirogate(&home, &["restart"]);
    assert!(restarted.success().starts_with("Gateway started (was not running, PID "), "{restarted:?}");
}

#[test]
fn without_a_command_the_default_instance_is_started() {
    let home = Home::new();
    let none = hirogate(&home, &[]);
    let expected = "error: No gateway instances configured. Run 'hirogate instance create <name>' first.\n";
    assert_eq!(none.failure(1), expected);
    home.create_gateway("first");
    home.create_gateway("second");
    hirogate(&home, &["instance", "set-default", "second"]).success();
    assert!(hirogate(&home, &[]).success().starts_with("Gateway started (PID "));
    assert_eq!(home.gateway("first")["state"], "stopped");
    assert_eq!(home.gateway("second")["state"], "ready");
}

#[test]
fn the_environment_names_the_instance_where_nobody_else_does() {
    let home = Home::new();
    home.create_gateway("first");
    home.create_gateway("second");
    let start = |words: &[&str]| {
        Output::of(home.command("hirogate", words).env("HIROGATE_INSTANCE", "second")).success().to_owned()
    };
    start(&["start"]);
    assert_eq!(home.gateway("first")["state"], "stopped");
    start(&["start", "first"]);
    assert_eq!(home.gateway("first")["state"], "ready");
}

#[test]
fn the_json_of_a_status_keeps_its_contract() {
    let home = Home::new();
    let port = home.create_gateway("home");
    let stopped = home.gateway("home");
    assert_eq!((&stopped["state"], &stopped["pid"]), (&json!("stopped"), &Value::Null));
    assert_eq!((&stopped["started_at"], &stopped["last_error"]), (&Value::Null, &Value::Null));
    hirogate(&home, &["start"]).success();
    let output = hirogate(&home, &["status", "--json"]);
    let reports: Value = serde_json::from_str(output.success()).unwrap();
    assert_eq!(reports["schema"], 1);
    let row = &reports["instances"][0];
    let folder = home.data("hirogate").join("instances").join("home");
    let pid_file: Value = std::fs::read_to_string(folder.join("gateway.pid")).unwrap().parse().unwrap();
    for (key, value) in [
        ("name", json!("gateway:home")),
        ("kind", json!("gateway")),
        ("state", json!("ready")),
        ("pid", pid_file),
        ("runtime", json!("native")),
        ("stderr_log", json!(folder.join("stderr.log"))),
        ("last_error", Value::Null),
        ("url", json!(format!("ws://127.0.0.1:{port}"))),
        ("is_default", json!(true)),
        ("path", json!(folder)),
    ] {
        assert_eq!(row[key], value, "{key}");
    }
    assert!(row["started_at"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn every_command_answers_in_json() {
    let home = Home::new();
    let json = |words: &[&str]| -> Value {
        serde_json::from_str(hirogate(&home, &[words, &["--json"]].concat()).success()).unwrap()
    };
    let port = free_port();
    let create = ["instance", "create", "home", "--desktop-pubkey", DESKTOP_KEY, "-p", &port.to_string()];
    assert_eq!(json(&create)["instance_name"], "home");
    assert_eq!(json(&["instance", "set-default", "home"])["default_instance"], "home");
    assert_eq!(json(&["instance", "list"])["instances"][0]["port"], port);
    assert_eq!(json(&["instance", "show"])["instances"][0]["name"], "gateway:home");
    let started = json(&["start"]);
    assert_eq!((&started["already_running"], &started["port"]), (&json!(false), &json!(port)));
    let restarted = json(&["restart"]);
    assert_eq!(restarted["old_pid"], started["pid"]);
    let stopped = json(&["stop"]);
    assert_eq!((&stopped["was_running"], &stopped["pid"]), (&json!(true), &restarted["pid"]));
    assert_eq!(json(&["teardown"])["removed"], false);
    assert_eq!(json(&["instance", "remove", "home", "-y"])["removed"], true);
    assert_eq!(json(&["status"]), json!({"schema": 1, "instances": []}));
}

#[test]
fn what_can_not_be_is_refused_and_leaves_no_trace() {
    let home = Home::new();
    let create = |name: &str, port: &str, key: &str| {
        let words = ["instance", "create", name, "--desktop-pubkey", key, "--port", port];
        hirogate(&home, &words)
    };
    let refused = create("../../evil", "8765", DESKTOP_KEY);
    assert!(refused.failure(2).contains("invalid instance name `../../evil`: it contains a path separator"));
    for port in ["0", "99999", "-1", "http"] {
        assert!(create("home", port, DESKTOP_KEY).failure(2).contains(port));
    }
    let refused = create("home", "8765", "AAAA");
    assert!(refused.failure(1).starts_with("error: Invalid desktop public key: "), "{refused:?}");
    for words in [["start"], ["stop"], ["restart"], ["status"]] {
        let _ = hirogate(&home, &words);
    }
    assert_eq!(std::fs::read_dir(home.folder()).unwrap().count(), 0);
}

#[test]
fn an_instance_that_does_not_exist_is_told_with_those_that_do() {
    let home = Home::new();
    home.create_gateway("a");
    home.create_gateway("b");
    let unknown = hirogate(&home, &["start", "c"]);
    assert_eq!(unknown.failure(1), "error: Gateway instance 'c' not found. Available: a, b\n");
    let both = hirogate(&home, &["start", "a", "--instance", "b"]);
    assert!(both.failure(2).contains("cannot be used with"), "{both:?}");
}

#[test]
fn a_name_may_look_like_an_option() {
    let home = Home::new();
    let port = free_port().to_string();
    let create = ["instance", "create", "--desktop-pubkey", DESKTOP_KEY, "--port", &port, "--", "-rf"];
    hirogate(&home, &create).success();
    assert!(hirogate(&home, &["start", "--instance=-rf"]).success().starts_with("Gateway started"));
    assert!(hirogate(&home, &["stop", "--", "-rf"]).success().starts_with("Gateway stopped"));
}

#[test]
fn an_instance_is_removed_only_when_somebody_says_yes() {
    let home = Home::new();
    home.create_gateway("home");
    hirogate(&home, &["start"]).success();
    let asked = hirogate(&home, &["instance", "remove", "home", "--purge"]);
    assert!(
        asked.failure(1).starts_with("Are you sure you want to remove gateway instance 'home'"),
        "{asked:?}"
    );
    assert_eq!(home.gateway("home")["state"], "ready");
    let removed = hirogate(&home, &["instance", "remove", "home", "--purge", "-y"]);
    assert_eq!(removed.success(), "Gateway instance 'home' removed.\n");
    assert!(!home.data("hirogate").join("instances").join("home").exists());
    assert_eq!(hirogate(&home, &["status"]).success(), "No gateway instances configured.\n");
}

#[test]
fn an_error_is_one_line_and_a_hint_also_when_backtraces_are_on() {
    let home = Home::new();
    home.create_gateway("home");
    std::fs::remove_file(home.data("hirogate").join("instances/home/config.json")).unwrap();
    let output = Output::of(home.command("hirogate", &["start"]).env("RUST_BACKTRACE", "1"));
    let lines: Vec<&str> = output.failure(1).lines().collect();
    assert!(matches!(lines[..], [error, hint] if error.starts_with("error: ") && hint.starts_with("hint: ")));
}
