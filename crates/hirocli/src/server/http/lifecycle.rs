//! The end of the server, with or without a successor: passed on to the owner of the process.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::answer::{detail, unprocessable};
use super::body::{self, Fields};
use crate::server::ControlRequest;
use crate::server::context::Context;

pub(super) async fn shut_down(State(context): State<Arc<Context>>) -> Response {
    pass_on(&context, ControlRequest::Shutdown, "shutting_down").await
}

pub(super) async fn restart(State(context): State<Arc<Context>>, Fields(fields): Fields) -> Response {
    match body::admin(&fields) {
        Ok(admin) => pass_on(&context, ControlRequest::Restart { admin }, "restarting").await,
        Err(problem) => unprocessable(&problem),
    }
}

/// Waits for a place in the queue, which the owner of the process empties without a wait of its own: an end must not be
/// lost among orders about children.
async fn pass_on(context: &Context, request: ControlRequest, status: &str) -> Response {
    match context.control.send(request).await {
        Ok(()) => Json(json!({"status": status})).into_response(),
        Err(_) => detail(StatusCode::SERVICE_UNAVAILABLE, "nobody controls this server's process"),
    }
}
