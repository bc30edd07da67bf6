//! The HTTP API, request by request.

use hirocli::server::ControlRequest;
use serde_json::json;

use crate::client::{bearer, get, post, send};
use crate::running::{RunningServer, within};

#[tokio::test]
async fn the_status_tells_the_servers_own_pid_and_the_state_of_the_gateway() {
    let server = RunningServer::start().await;
    let (code, status) = get(&server, "/status").await;
    let expected = json!({
        "running": true, "pid": std::process::id(), "ws_connected": false, "last_connected": null,
        "gateway_url": null,
    });
    assert_eq!((code, status), (200, expected));
    let mut devices = server.plugin("devices").await;
    devices.event("gateway_connected", &json!({"gateway_url": "ws://g"})).await;
    devices.ask("channel.dance").await;
    let (_, status) = get(&server, "/status").await;
    assert_eq!((&status["ws_connected"], &status["gateway_url"]), (&json!(true), &json!("ws://g")));
    drop(devices);
    server.stop().await;
}

#[tokio::test]
async fn the_registered_plugins_are_listed() {
    let server = RunningServer::start().await;
    assert_eq!(get(&server, "/channels").await, (200, json!({"channels": []})));
    let mut plugin = server.plugin("x").await;
    plugin.ask("channel.dance").await;
    let expected = json!({"channels": [{"name": "x", "version": "1.2.3", "description": "a test"}]});
    assert_eq!(get(&server, "/channels").await, (200, expected));
    drop(plugin);
    server.stop().await;
}

#[tokio::test]
async fn errors_have_the_shape_of_the_python_server() {
    let server = RunningServer::start().await;
    assert_eq!(get(&server, "/nowhere").await, (404, json!({"detail": "Not Found"})));
    assert_eq!(get(&server, "/_shutdown").await, (405, json!({"detail": "Method Not Allowed"})));
    assert_eq!(post(&server, "/status", "").await, (405, json!({"detail": "Method Not Allowed"})));
    let missing = json!({"type": "missing", "loc": ["body"], "msg": "Field required", "input": null});
    assert_eq!(post(&server, "/_restart", "").await, (422, json!({"detail": [missing]})));
    let (code, answer) = post(&server, "/_restart", "{").await;
    assert_eq!((code, &answer["detail"][0]["type"]), (422, &json!("json_invalid")));
    server.stop().await;
}

#[tokio::test]
async fn shutdown_and_restart_are_passed_on_to_the_owner_of_the_process() {
    let mut server = RunningServer::start().await;
    assert_eq!(post(&server, "/_shutdown", "").await, (200, json!({"status": "shutting_down"})));
    assert!(matches!(within("the request", server.control.recv()).await, Some(ControlRequest::Shutdown)));
    assert_eq!(
        post(&server, "/_restart", r#"{"admin": true}"#).await,
        (200, json!({"status": "restarting"}))
    );
    let request = within("the request", server.control.recv()).await;
    assert!(matches!(request, Some(ControlRequest::Restart { admin: true })));
    assert_eq!(get(&server, "/status").await.0, 200, "the server itself goes on");
    server.stop().await;
}

#[tokio::test]
async fn no_web_page_can_shut_the_server_down_even_if_it_had_the_token() {
    let mut server = RunningServer::start().await;
    let own = format!("Host: {}", server.http);
    let table: [&[&str]; 5] = [
        &[&own, "Origin: http://evil.example", "Content-Type: text/plain"],
        &[&own, "Origin: null"],
        &[&own, "Sec-Fetch-Site: same-site"],
        &["Host: evil.example"],
        &["Host: evil.example", "Origin: http://evil.example"],
    ];
    for headers in table {
        let token = bearer(&server);
        let head = [&["POST /_shutdown HTTP/1.1", token.as_str()], headers].concat();
        assert_eq!(send(&server, &head, "").await.0, 403, "{headers:?}");
    }
    assert!(server.control.try_recv().is_err());
    let same = format!("Origin: http://{}", server.http);
    let head = ["POST /_shutdown HTTP/1.1", &own, &same, &bearer(&server)];
    assert_eq!(send(&server, &head, "").await.0, 200);
    server.stop().await;
}

#[tokio::test]
async fn without_the_token_nothing_can_be_changed_and_only_what_is_open_can_be_read() {
    let mut server = RunningServer::start().await;
    let open = ["/status", "/channels"];
    for path in open {
        let line = format!("GET {path} HTTP/1.1");
        assert_eq!(send(&server, &[&line, "Host: localhost"], "").await.0, 200, "{path}");
    }
    for line in ["POST /_shutdown HTTP/1.1", "POST /_restart HTTP/1.1", "GET /nowhere HTTP/1.1"] {
        for token in ["X-Nothing: 1", "Authorization: Bearer 0"] {
            let (code, answer) = send(&server, &[line, "Host: localhost", token], "{}").await;
            assert_eq!(code, 401, "{line}");
            assert!(answer["detail"].as_str().unwrap().contains("api_token"), "{answer}");
        }
    }
    assert!(server.control.try_recv().is_err());
    server.stop().await;
}

#[tokio::test]
async fn the_switch_lets_programs_without_the_token_shut_the_server_down() {
    let switch = ("allow_unauthenticated_shutdown", json!(true));
    let mut server = RunningServer::start_with([switch]).await;
    let shutdown = ["POST /_shutdown HTTP/1.1", "Host: 127.0.0.1"];
    assert_eq!(send(&server, &shutdown, "").await, (200, json!({"status": "shutting_down"})));
    assert!(matches!(within("the request", server.control.recv()).await, Some(ControlRequest::Shutdown)));
    assert_eq!(send(&server, &["POST /_restart HTTP/1.1", "Host: 127.0.0.1"], "{}").await.0, 401);
    server.stop().await;
}

#[tokio::test]
async fn tools_are_listed_for_everybody_and_invoked_by_who_has_the_token() {
    let server = RunningServer::start().await;
    let (code, listed) = send(&server, &["GET /tools HTTP/1.1", "Host: localhost"], "").await;
    assert_eq!((code, &listed["tools"][0]["name"]), (200, &json!("status")));
    let (code, result) = post(&server, "/invoke", r#"{"tool": "device_list", "params": {"x": 1}}"#).await;
    assert_eq!((code, &result["tool"]), (200, &json!("device_list")));
    assert_eq!(result["result"]["devices"][0]["device_id"], "mobile-1", "{result}");
    let (code, unknown) = post(&server, "/invoke", r#"{"tool": "dance"}"#).await;
    assert!(code == 404 && unknown["detail"].as_str().unwrap().starts_with("Unknown tool: 'dance'."));
    let (code, failed) = post(&server, "/invoke", r#"{"tool": "log_tail", "params": {"lines": "x"}}"#).await;
    assert!(code == 500 && failed["detail"].as_str().unwrap().starts_with("Tool 'log_tail' raised: "));
    let (code, missing) = post(&server, "/invoke", "{}").await;
    assert_eq!((code, &missing["detail"][0]["loc"]), (422, &json!(["body", "tool"])));
    server.stop().await;
}
