//! `POST /invoke` of a real server: the tools act as the command line does, and on the server itself not at all.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use hiro_process::is_running;
use hiro_testkit::{League, free_port};
use serde_json::{Value, json};

/// The status line of an answer and its body.
fn invoke(league: &League, tool: &str, params: &Value) -> (String, Value) {
    let answer = league.post("/invoke", &json!({"tool": tool, "params": params}).to_string());
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let body = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
    (head.lines().next().unwrap().to_owned(), body)
}

fn result(league: &League, tool: &str, params: &Value) -> Value {
    let (status, body) = invoke(league, tool, params);
    assert_eq!(status, "HTTP/1.1 200 OK", "{tool}: {body}");
    body["result"].clone()
}

fn refusal(league: &League, tool: &str, params: &Value) -> String {
    let (status, body) = invoke(league, tool, params);
    assert!(status.starts_with("HTTP/1.1 500"), "{tool}: {body}");
    body["detail"].as_str().unwrap().to_owned()
}

#[test]
fn a_channel_is_changed_by_tools_while_its_server_keeps_it() {
    let league = League::that_is_up();
    let echo = league.process("channel:default/echo");
    let disabled = result(&league, "channel_disable", &json!({"name": "echo"}));
    assert_eq!((&disabled["applied"], &disabled["was_pid"]), (&json!(true), &json!(echo.pid.get())));
    assert!(!is_running(&echo));
    let enabled = result(&league, "channel_enable", &json!({"name": "echo", "workspace": "default"}));
    assert_eq!(enabled["pid"], json!(league.process("channel:default/echo").pid.get()));
    let removed = result(&league, "channel_remove", &json!({"name": "echo"}));
    assert_eq!(removed["was_pid"], enabled["pid"]);
    let listed = result(&league, "channel_list", &json!({}));
    let names: Vec<&Value> =
        listed["channels"].as_array().unwrap().iter().map(|row| &row["channel"]).collect();
    assert_eq!(names, ["devices"]);
    assert!(refusal(&league, "channel_disable", &json!({"name": "devices"})).contains("is mandatory"));
}

#[test]
fn another_workspace_is_made_changed_and_torn_down_and_the_servers_own_is_not() {
    let league = League::that_is_up();
    let server = league.process("server:default");
    let made = result(&league, "workspace_create", &json!({"name": "other"}));
    assert!(made["path"].as_str().is_some_and(|path| std::path::Path::new(path).exists()), "{made}");
    let port = free_port();
    let set_up = result(&league, "setup", &json!({"workspace": "other", "port": port, "metrics": true}));
    assert_eq!((&set_up["http_port"], &set_up["server_started"]), (&json!(port), &json!(false)));
    let changed =
        result(&league, "workspace_update", &json!({"workspace": "other", "gateway_url": "ws://g"}));
    assert_eq!(changed["gateway_updated"], true);
    let gone = result(&league, "teardown", &json!({"workspace": "other", "purge": true}));
    assert!(gone["server"]["pid"].is_null() && gone["purged"] == true, "{gone}");
    for tool in ["stop", "restart", "teardown", "uninstall", "workspace_remove"] {
        let said = refusal(&league, tool, &json!({"workspace": "default"}));
        assert!(said.contains("this is the server itself; use `"), "{said}");
    }
    assert!(is_running(&server));
}

#[test]
fn a_gateway_is_made_and_torn_down_by_tools() {
    let league = League::that_is_up();
    let key = result(&league, "setup", &json!({}))["desktop_pub"].clone();
    let port = free_port();
    let made = json!({"name": "spare", "port": port, "desktop_public_key": key});
    assert_eq!(result(&league, "gateway_setup", &made)["instance_name"], "spare");
    let spare = json!({"instance": "spare"});
    assert_eq!(result(&league, "gateway_start", &spare)["port"], port);
    let gone = result(&league, "gateway_teardown", &json!({"instance": "spare", "purge": true}));
    assert_eq!((&gone["stopped"], &gone["purged"]), (&json!(true), &json!(true)));
    assert!(refusal(&league, "gateway_stop", &spare).contains("'spare' not found"));
}
