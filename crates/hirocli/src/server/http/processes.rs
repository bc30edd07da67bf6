//! The instances of the workspace: all of them with what they cost, and orders to start, stop or restart one.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hirogateway::report::SCHEMA;
use serde_json::{Value, json};

use super::answer::{detail, failed};
use super::{logs, unknown};
use crate::server::context::Context;
use crate::server::orders::{self, NotCarriedOut};
use crate::server::processes;
use crate::server::{ChildOrder, ChildOutcome};

/// Every instance.
pub(super) async fn list(State(context): State<Arc<Context>>) -> Response {
    match processes::rows(&context).await {
        Ok(rows) => {
            let rows: Vec<Value> = rows.iter().map(processes::Row::to_json).collect();
            Json(json!({"schema": SCHEMA, "instances": rows})).into_response()
        }
        Err(error) => failed(&error),
    }
}

/// `/processes/{instance}/logs`. A name has a slash in it, which may be written as it is.
pub(super) async fn read(
    State(context): State<Arc<Context>>,
    Path(path): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    match path.rsplit_once('/') {
        Some((instance, "logs")) => logs::answer(&context, instance, &query).await,
        Some((_, word)) if order_named(word).is_some() => {
            detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
        }
        _ => detail(StatusCode::NOT_FOUND, "Not Found"),
    }
}

/// `/processes/{instance}/{start|stop|restart}`.
pub(super) async fn order(State(context): State<Arc<Context>>, Path(path): Path<String>) -> Response {
    let (instance, word) = path.rsplit_once('/').unwrap_or_default();
    match (order_named(word), word) {
        (Some(order), _) => carry_out(&context, instance, order).await,
        (None, "logs") => detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
        (None, _) => detail(StatusCode::NOT_FOUND, "Not Found"),
    }
}

fn order_named(word: &str) -> Option<ChildOrder> {
    match word {
        "start" => Some(ChildOrder::Start),
        "stop" => Some(ChildOrder::Stop),
        "restart" => Some(ChildOrder::Restart),
        _ => None,
    }
}

async fn carry_out(context: &Context, instance: &str, order: ChildOrder) -> Response {
    match orders::give(&context.control, instance, order).await {
        Ok(ChildOutcome { pid, was_pid }) => {
            Json(json!({"instance": instance, "pid": pid, "was_pid": was_pid})).into_response()
        }
        Err(NotCarriedOut::Unknown) => unknown(instance),
        Err(reason) => detail(status_of(&reason), &reason.to_string()),
    }
}

fn status_of(reason: &NotCarriedOut) -> StatusCode {
    match reason {
        NotCarriedOut::TooMany | NotCarriedOut::Nobody => StatusCode::SERVICE_UNAVAILABLE,
        NotCarriedOut::TooLong => StatusCode::GATEWAY_TIMEOUT,
        NotCarriedOut::Unknown => StatusCode::NOT_FOUND,
        NotCarriedOut::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
