//! The end of the server, with or without a successor: passed on to the owner of the process.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::sync::mpsc::error::TrySendError;

use super::answer::{detail, unprocessable};
use super::body::{self, Fields};
use crate::server::ControlRequest;
use crate::server::context::Context;

pub(super) async fn shut_down(State(context): State<Arc<Context>>) -> Response {
    pass_on(&context, ControlRequest::Shutdown, "shutting_down")
}

pub(super) async fn restart(State(context): State<Arc<Context>>, Fields(fields): Fields) -> Response {
    match body::admin(&fields) {
        Ok(admin) => pass_on(&context, ControlRequest::Restart { admin }, "restarting"),
        Err(problem) => unprocessable(&problem),
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
