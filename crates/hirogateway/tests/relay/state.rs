//! What `state.json` says while things happen.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::gateway::Gateway;

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap_or_default()).unwrap_or_default()
}

async fn until(what: &str, gateway: &Gateway, holds: impl Fn(&Value) -> bool) -> Value {
    let probe = async || Some(read(&gateway.state_file)).filter(|state| holds(state));
    crate::until::until(what, probe).await
}

async fn refused(gateway: &Gateway) {
    let (mut peer, _) = gateway.challenged().await;
    peer.send(&json!({"type": "auth_response", "auth_mode": "desktop", "device_id": "x", "nonce_signature": "AAAA"}))
        .await;
    assert_eq!(peer.closed().await.0, 4003);
}

#[tokio::test]
async fn a_start_clears_what_a_crash_left_behind_and_keeps_the_rest() {
    let gateway = Gateway::start_with(|settings| {
        let left = r#"{"desktop_connected":true,"last_connected":"2026-01-02T03:04:05+00:00","of_another_version":[1]}"#;
        fs::write(settings.state_file.as_ref().unwrap(), left).unwrap();
    })
    .await;
    gateway.challenged().await;
    let expected = json!({"desktop_connected": false, "last_connected": "2026-01-02T03:04:05+00:00", "last_auth_error": null, "of_another_version": [1]});
    assert_eq!(read(&gateway.state_file), expected);
}

#[tokio::test]
async fn a_damaged_state_is_written_anew() {
    let gateway = Gateway::start_with(|settings| {
        fs::write(settings.state_file.as_ref().unwrap(), r#"{"desktop_conn"#).unwrap();
    })
    .await;
    gateway.challenged().await;
    assert_eq!(read(&gateway.state_file)["desktop_connected"], false);
}

#[tokio::test]
async fn a_desktop_is_connected_until_the_last_one_has_left() {
    let gateway = Gateway::start().await;
    let first = gateway.desktop("first").await;
    until("connected", &gateway, |state| state["desktop_connected"] == true).await;
    let mut second = gateway.desktop("second").await;
    first.leave().await;
    let mut device = gateway.device("one").await;
    device.send(&json!({"target_device_id": "first"})).await;
    assert_eq!(second.receive().await["type"], "device_connected");
    assert_eq!(read(&gateway.state_file)["desktop_connected"], true);
    second.leave().await;
    let state = until("disconnected", &gateway, |state| state["desktop_connected"] == false).await;
    assert!(state["last_connected"].as_str().unwrap().ends_with("+00:00"));
}

#[tokio::test]
async fn a_stranger_who_fails_to_be_the_desktop_changes_nothing_while_the_desktop_is_on() {
    let gateway = Gateway::start().await;
    let desktop = gateway.desktop("desktop").await;
    let before = until("connected", &gateway, |state| state["desktop_connected"] == true).await;
    refused(&gateway).await;
    desktop.leave().await;
    let after = until("disconnected", &gateway, |state| state["desktop_connected"] == false).await;
    assert_eq!(after["last_auth_error"], Value::Null);
    assert_eq!(after["last_connected"], before["last_connected"]);
}

#[tokio::test]
async fn a_desktop_that_is_refused_is_told_of_until_one_is_let_in() {
    let gateway = Gateway::start().await;
    refused(&gateway).await;
    until("refused", &gateway, |state| state["last_auth_error"] == "desktop signature invalid").await;
    let _desktop = gateway.desktop("desktop").await;
    until("let in", &gateway, |state| state["last_auth_error"] == Value::Null).await;
}

#[tokio::test]
async fn a_device_that_is_refused_is_nothing_to_tell_of() {
    let gateway = Gateway::start().await;
    let (mut peer, _) = gateway.challenged().await;
    peer.send(&json!({"type": "auth_response", "auth_mode": "device"})).await;
    assert_eq!(peer.closed().await.0, 4003);
    let desktop = gateway.desktop("desktop").await;
    desktop.leave().await;
    let state = until("disconnected", &gateway, |state| {
        state["desktop_connected"] == false && state["last_connected"] != Value::Null
    });
    assert_eq!(state.await["last_auth_error"], Value::Null);
}

#[tokio::test]
async fn a_shutdown_leaves_a_state_without_a_desktop() {
    let gateway = Gateway::start_with(|_| ()).await;
    let desktop = gateway.desktop("desktop").await;
    until("connected", &gateway, |state| state["desktop_connected"] == true).await;
    gateway.begin_shutdown();
    drop(desktop);
    let state_file = gateway.state_file.clone();
    let folder = gateway.stopped().await;
    assert_eq!(read(&state_file)["desktop_connected"], false);
    drop(folder);
}
