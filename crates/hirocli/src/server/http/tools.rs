//! `GET /tools` and `POST /invoke`: what the command line does, by name.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use tokio::task::spawn_blocking;

use super::answer::{detail, problem, unprocessable};
use super::body::Fields;
use crate::server::context::Context;
use crate::server::toolbox::{self, Call, NoResult};

pub(super) async fn list() -> Json<Value> {
    Json(toolbox::schema())
}

/// Only so many at a time: each keeps a thread while it works.
pub(super) async fn invoke(State(context): State<Arc<Context>>, Fields(fields): Fields) -> Response {
    let (tool, params) = match read(&fields) {
        Ok(asked) => asked,
        Err(problem) => return unprocessable(&problem),
    };
    let Ok(_permit) = context.invocations.try_acquire() else {
        return detail(StatusCode::SERVICE_UNAVAILABLE, "too many tools are at work");
    };
    let (name, shared) = (tool.clone(), context.clone());
    let done = spawn_blocking(move || {
        let (home, own, control) = (&shared.home, &shared.entry, &shared.control);
        toolbox::invoke(&name, Call { home, own, control, params })
    });
    match done.await {
        Ok(Ok(result)) => Json(json!({"tool": tool, "result": result})).into_response(),
        Ok(Err(NoResult::Unknown(text))) => detail(StatusCode::NOT_FOUND, &text),
        Ok(Err(NoResult::Failed(text))) => detail(StatusCode::INTERNAL_SERVER_ERROR, &text),
        Err(error) => detail(StatusCode::INTERNAL_SERVER_ERROR, &format!("Tool '{tool}' raised: {error}")),
    }
}

fn read(fields: &Map<String, Value>) -> Result<(String, Map<String, Value>), Value> {
    let tool = match fields.get("tool") {
        Some(Value::String(tool)) => tool.clone(),
        Some(other) => {
            let message = "Input should be a valid string";
            return Err(problem("string_type", json!(["body", "tool"]), message, other));
        }
        None => return Err(problem("missing", json!(["body", "tool"]), "Field required", &json!(fields))),
    };
    match fields.get("params") {
        None => Ok((tool, Map::new())),
        Some(Value::Object(params)) => Ok((tool, params.clone())),
        Some(other) => {
            let message = "Input should be a valid dictionary";
            Err(problem("dict_type", json!(["body", "params"]), message, other))
        }
    }
}
