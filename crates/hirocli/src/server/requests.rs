//! What the server answers to requests that come as messages. Pure.

use hiro_protocol::unified_message::UnifiedMessage;
use serde_json::{Map, Value, json};

use super::history::History;

/// As many messages are told where the request names no number.
const DEFAULT_LIMIT: u64 = 50;

/// The body of the response to `request`.
pub(super) fn answer(request: &UnifiedMessage, history: &History) -> Value {
    let Some((method, params)) = call(request) else {
        return error("invalid_request", "Cannot parse request body");
    };
    match method.as_str() {
        // A conversation channel is what the agents of the Python server keep; there are none here.
        "channels.list" => ok(json!({"channels": []})),
        "messages.history" => ok(json!({"messages": rows(request, &params, history)})),
        unknown => error("method_not_found", &format!("Unknown method: {unknown}")),
    }
}

/// A device asks about its own conversation, whatever channel id it gives.
fn rows(request: &UnifiedMessage, params: &Map<String, Value>, history: &History) -> Vec<Value> {
    let routing = &request.routing;
    let after = params.get("after").and_then(Value::as_str);
    let limit = params.get("limit").and_then(Value::as_u64).unwrap_or(DEFAULT_LIMIT);
    history.rows_for(
        &routing.sender_id,
        &routing.channel,
        after,
        usize::try_from(limit).unwrap_or(usize::MAX),
    )
}

fn ok(data: Value) -> Value {
    json!({"status": "ok", "data": data})
}

/// Method and params of the first json item that names a method and whose params, if any, are an object.
fn call(request: &UnifiedMessage) -> Option<(String, Map<String, Value>)> {
    let bodies = request.content.iter().filter(|item| item.content_type == "json").map(|item| &item.body);
    bodies.filter_map(|body| serde_json::from_str::<Value>(body).ok()).find_map(|body| {
        let params = match body.get("params") {
            None | Some(Value::Null) => Map::new(),
            Some(params) => params.as_object()?.clone(),
        };
        Some((body.get("method")?.as_str()?.to_owned(), params))
    })
}

fn error(code: &str, message: &str) -> Value {
    json!({"status": "error", "error": {"code": code, "message": message}})
}

#[cfg(test)]
mod tests {
    use hiro_protocol::unified_message::ContentItem;

    use super::*;

    fn answer_to(body: &str) -> Value {
        let mut request = UnifiedMessage::text("devices", "mobile-1", "");
        request.content = vec![ContentItem { content_type: "json".to_owned(), ..ContentItem::text(body) }];
        answer(&request, &History::default())
    }

    #[test]
    fn channels_are_listed() {
        let answer = answer_to(r#"{"method": "channels.list", "params": {}}"#);
        assert_eq!(answer, json!({"status": "ok", "data": {"channels": []}}));
    }

    #[test]
    fn an_unknown_method_is_named() {
        let error = &answer_to(r#"{"method": "dance"}"#)["error"];
        assert_eq!(*error, json!({"code": "method_not_found", "message": "Unknown method: dance"}));
    }

    #[test]
    fn what_is_no_request_is_said_to_be_none() {
        for body in ["", "[]", "{}", r#"{"method": 7}"#, r#"{"method": "dance", "params": [1]}"#] {
            assert_eq!(answer_to(body)["error"]["code"], "invalid_request", "{body}");
        }
    }
}
