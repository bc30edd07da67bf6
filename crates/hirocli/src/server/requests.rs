//! What the server answers to requests that come as messages. Pure.

use hiro_protocol::unified_message::UnifiedMessage;
use serde_json::{Value, json};

/// The body of the response to `request`.
pub(super) fn answer(request: &UnifiedMessage) -> Value {
    match method(request).as_deref() {
        // A conversation channel is what the agents of the Python server keep; there are none here.
        Some("channels.list") => json!({"status": "ok", "data": {"channels": []}}),
        Some(unknown) => error("method_not_found", &format!("Unknown method: {unknown}")),
        None => error("invalid_request", "Cannot parse request body"),
    }
}

/// The method of the first json item that names one and whose params, if any, are an object.
fn method(request: &UnifiedMessage) -> Option<String> {
    let bodies = request.content.iter().filter(|item| item.content_type == "json").map(|item| &item.body);
    bodies.filter_map(|body| serde_json::from_str::<Value>(body).ok()).find_map(|body| {
        let well_formed = matches!(body.get("params"), None | Some(Value::Null | Value::Object(_)));
        body.get("method")?.as_str().filter(|_| well_formed).map(str::to_owned)
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
        answer(&request)
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
