//! The HTTP API of a server, in the form of the Python one.

mod body;
mod guard;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::mpsc::error::TrySendError;

use super::ControlRequest;
use super::context::Context;

/// The API on top of what the server knows.
pub(super) fn router(context: Arc<Context>) -> Router {
    Router::new()
        .route("/status", get(status))
        .route("/channels", get(channels))
        .route("/_shutdown", post(shut_down))
        .route("/_restart", post(restart))
        .fallback(async || detail(StatusCode::NOT_FOUND, "Not Found"))
        .method_not_allowed_fallback(async || detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"))
        .layer(from_fn_with_state(context.clone(), guard::guard))
        .with_state(context)
}

async fn status(State(context): State<Arc<Context>>) -> Json<Value> {
    let state = context.gateway.get().await;
    Json(json!({
        "running": true,
        "pid": std::process::id(),
        "ws_connected": state.ws_connected,
        "last_connected": state.last_connected,
        "gateway_url": state.gateway_url,
    }))
}

async fn channels(State(context): State<Arc<Context>>) -> Json<Value> {
    Json(json!({"channels": context.hub.registrations()}))
}

async fn shut_down(State(context): State<Arc<Context>>) -> Response {
    pass_on(&context, ControlRequest::Shutdown, "shutting_down")
}

async fn restart(State(context): State<Arc<Context>>, headers: HeaderMap, body: Bytes) -> Response {
    match body::restart(&headers, &body) {
        Ok(admin) => pass_on(&context, ControlRequest::Restart { admin }, "restarting"),
        Err(problem) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"detail": [problem]}))).into_response()
        }
    }
}

fn pass_on(context: &Context, request: ControlRequest, status: &str) -> Response {
    match context.control.try_send(request) {
        // Where the queue is full somebody has asked for the same before.
        Ok(()) | Err(TrySendError::Full(_)) => Json(json!({"status": status})).into_response(),
        Err(TrySendError::Closed(_)) => {
            detail(StatusCode::SERVICE_UNAVAILABLE, "nobody controls this server's process")
        }
    }
}

fn detail(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({"detail": text}))).into_response()
}
