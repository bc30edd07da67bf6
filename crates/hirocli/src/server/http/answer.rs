//! The answers that all calls share, in the form of the Python server.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::Error;
use crate::error::with_causes;

/// `{"detail": text}`.
pub(super) fn detail(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({"detail": text}))).into_response()
}

/// What is wrong with what was sent.
pub(super) fn unprocessable(problem: &Value) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"detail": [problem]}))).into_response()
}

/// What went wrong here.
pub(super) fn failed(error: &Error) -> Response {
    detail(StatusCode::INTERNAL_SERVER_ERROR, &with_causes(error))
}

/// One entry of the list of what is wrong.
pub(super) fn problem(kind: &str, place: Value, message: &str, input: &Value) -> Value {
    json!({"type": kind, "loc": place, "msg": message, "input": input})
}
