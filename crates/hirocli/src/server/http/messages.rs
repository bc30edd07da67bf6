//! `POST /messages`: a program says something into a channel. `GET /messages`: what was said lately.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hiro_protocol::unified_message::UnifiedMessage;
use serde_json::{Map, Value, json};

use super::answer::{detail, problem, unprocessable};
use super::body::Fields;
use super::query;
use crate::server::context::Context;
use crate::server::messages::{self, NotSent};

/// Who says what a program says, unless it names somebody.
const SENDER: &str = "server";

const DEFAULT_COUNT: u64 = 50;

pub(super) async fn send(State(context): State<Arc<Context>>, Fields(fields): Fields) -> Response {
    let message = match read(fields) {
        Ok(message) => message,
        Err(problem) => return unprocessable(&problem),
    };
    let (id, channel) = (message.routing.id.clone(), message.routing.channel.clone());
    match messages::send(&context, message).await {
        Ok(()) => Json(json!({"status": "sent", "id": id, "channel": channel})).into_response(),
        Err(reason) => detail(status_of(&reason), &reason.to_string()),
    }
}

pub(super) async fn list(
    State(context): State<Arc<Context>>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    match query::number(&asked, "limit", DEFAULT_COUNT, u64::MAX) {
        Ok(limit) => {
            let count = usize::try_from(limit).unwrap_or(usize::MAX);
            Json(json!({"messages": context.history().last(count)})).into_response()
        }
        Err(problem) => unprocessable(&problem),
    }
}

fn status_of(reason: &NotSent) -> StatusCode {
    match reason {
        NotSent::NoChannel { .. } => StatusCode::NOT_FOUND,
        NotSent::NotPaired { .. } => StatusCode::CONFLICT,
        NotSent::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        NotSent::TooSlow { .. } => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// A whole unified message, or the short form: `channel`, `text`, and perhaps `recipient` and `sender`.
fn read(fields: Map<String, Value>) -> Result<UnifiedMessage, Value> {
    if fields.contains_key("routing") {
        let whole = Value::Object(fields);
        return serde_json::from_value(whole.clone()).map_err(|error| {
            problem("value_error", json!(["body"]), &format!("Value error, {error}"), &whole)
        });
    }
    let channel = text(&fields, "channel")?.ok_or_else(|| missing(&fields, "channel"))?;
    let body = text(&fields, "text")?.ok_or_else(|| missing(&fields, "text"))?;
    let sender = text(&fields, "sender")?.unwrap_or(SENDER);
    let mut message = UnifiedMessage::text(channel, sender, body);
    message.routing.recipient_id = text(&fields, "recipient")?.map(str::to_owned);
    Ok(message)
}

fn text<'a>(fields: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, Value> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(Value::String(text)) => {
            let message = "String should have at least 1 character";
            Err(problem("string_too_short", json!(["body", key]), message, &json!(text)))
        }
        Some(other) => {
            Err(problem("string_type", json!(["body", key]), "Input should be a valid string", other))
        }
    }
}

fn missing(fields: &Map<String, Value>, key: &str) -> Value {
    problem("missing", json!(["body", key]), "Field required", &json!(fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &Value) -> Result<UnifiedMessage, Value> {
        read(body.as_object().cloned().unwrap())
    }

    #[test]
    fn the_short_form_is_a_text_to_somebody_or_to_everybody() {
        let message =
            parse(&json!({"channel": "devices", "recipient": "mobile-1", "text": "hello"})).unwrap();
        assert_eq!(message.first_text(), Some("hello"));
        assert_eq!(
            (message.routing.channel.as_str(), message.routing.sender_id.as_str()),
            ("devices", "server")
        );
        assert_eq!(message.routing.recipient_id.as_deref(), Some("mobile-1"));
        let to_all = parse(&json!({"channel": "devices", "text": "hello", "recipient": null})).unwrap();
        assert_eq!(to_all.routing.recipient_id, None);
    }

    #[test]
    fn what_is_wrong_has_a_type_and_a_place() {
        let table = [
            (json!({"text": "x"}), "missing", json!(["body", "channel"])),
            (json!({"channel": "x"}), "missing", json!(["body", "text"])),
            (json!({"channel": "x", "text": ""}), "string_too_short", json!(["body", "text"])),
            (json!({"channel": 7, "text": "x"}), "string_type", json!(["body", "channel"])),
            (json!({"routing": {}}), "value_error", json!(["body"])),
        ];
        for (body, kind, place) in table {
            let problem = parse(&body).unwrap_err();
            assert_eq!((&problem["type"], &problem["loc"]), (&json!(kind), &place), "{body}");
        }
    }
}
