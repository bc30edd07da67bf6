//! Figures over time, in the form of the Python server.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::answer::{detail, problem, unprocessable};
use super::body::Fields;
use super::query;
use crate::server::context::Context;
use crate::server::metrics::{Change, Disabled};

const DEFAULT_MINUTES: u64 = 10;
const MOST_MINUTES: u64 = 60 * 24 * 365;

pub(super) async fn latest(State(context): State<Arc<Context>>) -> Response {
    match context.metrics.latest() {
        Ok(Some(snapshot)) => json_text(snapshot.to_string()),
        Ok(None) => detail(StatusCode::SERVICE_UNAVAILABLE, "No metrics collected yet"),
        Err(Disabled) => disabled(),
    }
}

pub(super) async fn history(
    State(context): State<Arc<Context>>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let minutes = match query::number(&asked, "minutes", DEFAULT_MINUTES, MOST_MINUTES) {
        Ok(minutes) => minutes,
        Err(problem) => return unprocessable(&problem),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    match context.metrics.since(now - minutes as f64 * 60.0) {
        Ok(snapshots) => {
            let count = snapshots.len();
            json_text(format!(r#"{{"snapshots":[{}],"count":{count}}}"#, snapshots.join(",")))
        }
        Err(Disabled) => disabled(),
    }
}

pub(super) async fn status(State(context): State<Arc<Context>>) -> Json<Value> {
    Json(context.metrics.status())
}

pub(super) async fn configure(State(context): State<Arc<Context>>, Fields(fields): Fields) -> Response {
    match change(&fields) {
        Ok(change) => Json(context.metrics.configure(change)).into_response(),
        Err(problem) => unprocessable(&problem),
    }
}

fn change(fields: &Map<String, Value>) -> Result<Change, Value> {
    let wrong = |key: &str, kind: &str, what: &str, value: &Value| {
        problem(kind, json!(["body", key]), &format!("Input should be a valid {what}"), value)
    };
    let mut change = Change::default();
    for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
        match key.as_str() {
            "enabled" => {
                let enabled = value.as_bool().ok_or_else(|| wrong(key, "bool_type", "boolean", value))?;
                change.enabled = Some(enabled);
            }
            "interval" => {
                let interval = value.as_f64().ok_or_else(|| wrong(key, "float_type", "number", value))?;
                change.interval = Some(interval);
            }
            "history_size" => {
                let size = value.as_u64().ok_or_else(|| wrong(key, "int_type", "integer", value))?;
                change.history_size = Some(size);
            }
            _ => {}
        }
    }
    Ok(change)
}

fn disabled() -> Response {
    detail(StatusCode::NOT_FOUND, "Metrics collection is disabled")
}

fn json_text(text: String) -> Response {
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_or_null_stays_and_what_is_of_another_type_is_said_to_be() {
        let fields = |value: Value| value.as_object().cloned().unwrap();
        let left_out = change(&fields(json!({"interval": null, "what": 7}))).unwrap();
        assert!(left_out.enabled.is_none() && left_out.interval.is_none() && left_out.history_size.is_none());
        assert_eq!(change(&fields(json!({"interval": 3}))).unwrap().interval, Some(3.0));
        let problem = change(&fields(json!({"history_size": "many"}))).unwrap_err();
        assert_eq!(
            (&problem["type"], &problem["loc"]),
            (&json!("int_type"), &json!(["body", "history_size"]))
        );
    }
}
