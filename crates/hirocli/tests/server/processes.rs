//! Orders to the children of a server, and what is to be read of them.

use std::fs;

use hirocli::database::{ChannelPlugin, Database};
use hirocli::server::{ChildOrder, ChildOutcome, ChildRefusal, ControlRequest};
use hirocli::server::{Event, ProcessChange, ProcessEvent};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::client::{get, post};
use crate::running::{RunningServer, within};
use crate::stream::Stream;

/// Lets the owner of the process answer the next order with `outcome`, and returns which it was.
async fn next_order(
    control: &mut mpsc::Receiver<ControlRequest>,
    outcome: Result<ChildOutcome, ChildRefusal>,
) -> (String, ChildOrder) {
    match within("an order", control.recv()).await {
        Some(ControlRequest::Child(request)) => {
            let _ = request.answer.send(outcome);
            (request.instance, request.order)
        }
        other => panic!("no order: {other:?}"),
    }
}

/// Asks for `path` while the owner of the process answers with `outcome`.
async fn order(
    path: &str,
    outcome: Result<ChildOutcome, ChildRefusal>,
) -> ((u16, Value), (String, ChildOrder)) {
    let mut server = RunningServer::start().await;
    let mut control = std::mem::replace(&mut server.control, mpsc::channel(1).1);
    let (answer, seen) = tokio::join!(post(&server, path, ""), next_order(&mut control, outcome));
    server.stop().await;
    (answer, seen)
}

#[tokio::test]
async fn an_order_reaches_the_owner_of_the_process_and_its_outcome_comes_back() {
    let outcome = Ok(ChildOutcome { pid: Some(7), was_pid: Some(5) });
    let (answer, seen) = order("/processes/channel:test%2Fecho/restart", outcome).await;
    assert_eq!(seen, ("channel:test/echo".to_owned(), ChildOrder::Restart));
    assert_eq!(answer, (200, json!({"instance": "channel:test/echo", "pid": 7, "was_pid": 5})));
}

#[tokio::test]
async fn the_slash_of_a_name_may_be_written_as_it_is() {
    let outcome = Ok(ChildOutcome { pid: None, was_pid: Some(5) });
    let (answer, seen) = order("/processes/service:test/web/stop", outcome).await;
    assert_eq!(seen, ("service:test/web".to_owned(), ChildOrder::Stop));
    assert_eq!(answer, (200, json!({"instance": "service:test/web", "pid": null, "was_pid": 5})));
}

#[tokio::test]
async fn an_order_that_can_not_be_carried_out_says_why() {
    let (answer, _) = order("/processes/channel:test/nobody/start", Err(ChildRefusal::Unknown)).await;
    assert_eq!(answer, (404, json!({"detail": "there is no instance `channel:test/nobody`"})));
    let failed = Err(ChildRefusal::Failed("it said no".to_owned()));
    let (answer, _) = order("/processes/channel:test/echo/start", failed).await;
    assert_eq!(answer, (500, json!({"detail": "it said no"})));
}

#[tokio::test]
async fn a_tool_gives_orders_about_the_servers_own_plugins_to_the_same_owner() {
    let mut server = RunningServer::start().await;
    let row = ChannelPlugin::new("x");
    Database::open(server.workspace()).unwrap().upsert_channel_plugin(&row).unwrap();
    let mut control = std::mem::replace(&mut server.control, mpsc::channel(1).1);
    let outcome = || Ok(ChildOutcome { pid: None, was_pid: Some(5) });
    let disable = r#"{"tool": "channel_disable", "params": {"name": "x"}}"#;
    let ((code, answer), seen) =
        tokio::join!(post(&server, "/invoke", disable), next_order(&mut control, outcome()));
    assert_eq!(seen, ("channel:test/x".to_owned(), ChildOrder::Stop));
    let result = json!({"channel": "x", "enabled": false, "applied": true, "pid": null, "was_pid": 5});
    assert_eq!((code, &answer["result"]), (200, &result));
    let setup = r#"{"tool": "channel_setup", "params": {"name": "x", "command": "a b"}}"#;
    let said_no = Err(ChildRefusal::Failed("it said no".to_owned()));
    let ((code, answer), seen) =
        tokio::join!(post(&server, "/invoke", setup), next_order(&mut control, said_no));
    assert_eq!(seen.1, ChildOrder::Restart);
    assert!(code == 500 && answer["detail"].as_str().unwrap().contains("it said no"), "{answer}");
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_order_is_not_passed_on() {
    let mut server = RunningServer::start().await;
    for (path, code) in [
        ("/processes/x/dance", 404),
        ("/processes/start", 404),
        ("/processes/x/logs", 405),
        ("/processes", 405),
    ] {
        assert_eq!(post(&server, path, "").await.0, code, "{path}");
    }
    assert_eq!(get(&server, "/processes/x/start").await.0, 405);
    assert!(server.control.try_recv().is_err());
    server.stop().await;
}

#[tokio::test]
async fn every_instance_has_a_row_with_what_it_costs_or_null_where_nothing_runs() {
    let server = RunningServer::start().await;
    let (code, answer) = get(&server, "/processes").await;
    assert_eq!((code, &answer["schema"]), (200, &json!(1)));
    let row = &answer["instances"][0];
    assert_eq!((&row["name"], &row["state"]), (&json!("server:test"), &json!("stopped")), "{answer}");
    assert_eq!(row["metrics"], Value::Null, "the test is no instance");
    server.stop().await;
}

#[tokio::test]
async fn the_log_of_an_instance_is_told_from_its_end_and_followed() {
    let server = RunningServer::start().await;
    let log = server.workspace().join("stderr.log");
    fs::write(&log, "one\ntwo\nthree\n").unwrap();
    let (code, answer) = get(&server, "/processes/server:test/logs?lines=2").await;
    assert_eq!((code, &answer["lines"]), (200, &json!(["two", "three"])), "{answer}");
    let mut stream = Stream::open(&server, "/processes/server:test/logs?lines=1&follow=1", &[]).await;
    let event = stream.event().await;
    assert_eq!((event.1.as_str(), &event.2), ("line", &json!({"line": "three"})));
    let mut file = fs::OpenOptions::new().append(true).open(&log).unwrap();
    std::io::Write::write_all(&mut file, b"four\n").unwrap();
    assert_eq!(stream.event().await.2, json!({"line": "four"}));
    assert_eq!(get(&server, "/processes/channel:test/nobody/logs").await.0, 404);
    assert_eq!(get(&server, "/processes/server:test/logs?lines=x").await.0, 422);
    server.stop().await;
    stream.ends().await;
}

#[tokio::test]
async fn what_happens_to_processes_is_told_to_who_listens_for_it() {
    let server = RunningServer::start().await;
    let mut stream = Stream::open(&server, "/events?kind=process", &[]).await;
    let change = ProcessChange::Crashed { reason: "signal 9".to_owned(), again_in_ms: Some(250) };
    server.events.tell(Event::Message(serde_json::Map::new()));
    server.events.tell(Event::Process(ProcessEvent::now("channel:test/echo", change)));
    let (_, kind, data) = stream.event().await;
    assert_eq!(kind, "process");
    assert_eq!((&data["instance"], &data["change"]), (&json!("channel:test/echo"), &json!("crashed")));
    assert_eq!((&data["reason"], &data["again_in_ms"]), (&json!("signal 9"), &json!(250)));
    server.stop().await;
    stream.ends().await;
}

#[tokio::test]
async fn figures_are_off_until_somebody_wants_them_and_then_have_the_form_of_the_python_server() {
    let server = RunningServer::start().await;
    let off = (404, json!({"detail": "Metrics collection is disabled"}));
    assert_eq!(get(&server, "/metrics").await, off);
    assert_eq!(get(&server, "/metrics/history").await, off);
    assert_eq!(post(&server, "/metrics/configure", r#"{"interval": "often"}"#).await.0, 422);
    let (code, status) = post(&server, "/metrics/configure", r#"{"interval": 0.1}"#).await;
    assert_eq!((code, &status["enabled"], &status["interval"]), (200, &json!(false), &json!(1.0)));
    // One look is enough, and Wine survives no second one.
    let (code, status) = post(&server, "/metrics/configure", r#"{"enabled": true, "interval": 3600}"#).await;
    assert_eq!((code, &status["enabled"], &status["interval"]), (200, &json!(true), &json!(3600.0)));
    let snapshot = within("a snapshot", async {
        loop {
            match get(&server, "/metrics").await {
                (200, snapshot) => return snapshot,
                (code, _) => assert_eq!(code, 503),
            }
        }
    })
    .await;
    assert_eq!(snapshot["process"]["pid"], std::process::id());
    assert!(snapshot["memory"]["total_bytes"].as_u64().unwrap() > 0, "{snapshot}");
    assert!(snapshot["children"].is_array() && snapshot["cpu"]["per_core"].is_array());
    let (_, history) = get(&server, "/metrics/history?minutes=1").await;
    assert!(history["count"].as_u64().unwrap() >= 1, "{history}");
    assert_eq!(get(&server, "/metrics/history?minutes=x").await.0, 422);
    server.stop().await;
}
