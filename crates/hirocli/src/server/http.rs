//! The HTTP API of a server, in the form of the Python one and beyond it: see `API.md`.

mod answer;
mod body;
mod events;
mod guard;
mod lifecycle;
mod logs;
mod messages;
mod metrics;
mod patient;
mod processes;
mod query;
mod serving;
mod streaming;
mod tools;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::context::Context;
use answer::detail;

pub(super) use serving::{Limits, serve};

/// The API on top of what the server knows.
pub(super) fn router(context: Arc<Context>) -> Router {
    Router::new()
        .route("/status", get(status))
        .route("/channels", get(channels))
        .route("/tools", get(tools::list))
        .route("/invoke", post(tools::invoke))
        .route("/processes", get(processes::list))
        .route("/processes/{*path}", get(processes::read).post(processes::order))
        .route("/messages", get(messages::list).post(messages::send))
        .route("/events", get(events::listen))
        .route("/metrics", get(metrics::latest))
        .route("/metrics/history", get(metrics::history))
        .route("/metrics/status", get(metrics::status))
        .route("/metrics/configure", post(metrics::configure))
        .route("/_shutdown", post(lifecycle::shut_down))
        .route("/_restart", post(lifecycle::restart))
        .fallback(async || detail(StatusCode::NOT_FOUND, "Not Found"))
        .method_not_allowed_fallback(async || detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"))
        .layer(DefaultBodyLimit::max(body::MAX_BYTES))
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

fn unknown(instance: &str) -> Response {
    detail(StatusCode::NOT_FOUND, &format!("there is no instance `{instance}`"))
}
