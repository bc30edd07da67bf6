//! Translates between gateway frames and what the server understands.
//!
//! Pure functions; the sockets are in [`super::link`].

use hiro_protocol::gateway::client::ClientFrame;
use hiro_protocol::gateway::pairing::PairingAnswer;
use hiro_protocol::gateway::server::GatewayFrame;
use hiro_protocol::unified_message::{Direction, UnifiedMessage};
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::NAME;

/// A frame of the gateway, for the server.
#[derive(Debug, PartialEq)]
pub(super) enum ForServer {
    Message(Box<UnifiedMessage>),
    Event { name: String, data: Map<String, Value> },
}

/// A frame of the gateway that means nothing to the server.
#[derive(Debug, Error)]
pub(super) enum Meaningless {
    #[error("the frame is no json object")]
    NotAnObject,
    #[error("the frame has no payload")]
    NoPayload,
    #[error("the payload is no message")]
    InvalidPayload(#[source] serde_json::Error),
}

/// What the server shall hear of a frame that the gateway sent.
pub(super) fn for_server(frame: &str) -> Result<ForServer, Meaningless> {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(frame) else {
        return Err(Meaningless::NotAnObject);
    };
    let sender = match fields.remove("sender_device_id") {
        Some(Value::String(sender)) if !sender.is_empty() => Some(sender),
        _ => None,
    };
    // What a device sends always names it; so a device can't pass off a frame as the gateway's own.
    if sender.is_none()
        && let Some(event) = gateway_event(&fields)
    {
        return Ok(event);
    }
    let payload = fields.remove("payload").filter(Value::is_object).ok_or(Meaningless::NoPayload)?;
    let message = serde_json::from_value(payload).map_err(Meaningless::InvalidPayload)?;
    Ok(ForServer::Message(Box::new(inbound(message, sender))))
}

fn gateway_event(fields: &Map<String, Value>) -> Option<ForServer> {
    let frame = serde_json::from_value(Value::Object(fields.clone())).ok()?;
    match frame {
        GatewayFrame::PairingRequest { .. }
        | GatewayFrame::DeviceConnected { .. }
        | GatewayFrame::DeviceDisconnected { .. } => {
            // Written anew, the frame has lost all that doesn't belong to it.
            let Ok(Value::Object(mut data)) = serde_json::to_value(&frame) else { return None };
            let name = data.remove("type")?.as_str()?.to_owned();
            Some(ForServer::Event { name, data })
        }
        _ => None,
    }
}

fn inbound(mut message: UnifiedMessage, sender: Option<String>) -> UnifiedMessage {
    let routing = &mut message.routing;
    routing.stamp();
    if let Some(sender) = sender {
        routing.metadata.insert("friendly_name".to_owned(), json!(sender));
        routing.metadata.insert("sender_device_id".to_owned(), json!(sender));
        routing.sender_id = sender;
    }
    NAME.clone_into(&mut routing.channel);
    routing.direction = Direction::Inbound;
    message
}

/// The gateway frame that carries a message of the server to its recipient, or to every device.
pub(super) fn for_gateway(message: &UnifiedMessage) -> String {
    let mut frame = Map::from_iter([("payload".to_owned(), Value::Object(message.to_object()))]);
    if let Some(recipient) = message.routing.recipient_id.as_deref().filter(|id| !id.is_empty()) {
        frame.insert("target_device_id".to_owned(), json!(recipient));
    }
    Value::Object(frame).to_string()
}

/// The gateway frame that carries the server's answer to a pairing request; none if the answer is none.
pub(super) fn pairing_response(data: &Map<String, Value>) -> Option<String> {
    let frame = ClientFrame::PairingResponse(PairingAnswer::read(data)?);
    serde_json::to_string(&frame).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_speaks_under_its_own_name_whatever_its_message_says() {
        let mut message = UnifiedMessage::text("telegram", "somebody-else", "hello");
        "1999-01-01T00:00:00Z".clone_into(&mut message.routing.timestamp);
        let frame = json!({"payload": message.to_object(), "sender_device_id": "mobile-1"});
        let ForServer::Message(received) = for_server(&frame.to_string()).unwrap() else {
            panic!("not a message")
        };
        assert_eq!(received.routing.sender_id, "mobile-1");
        assert_eq!(received.routing.channel, "devices");
        assert_eq!(received.routing.metadata["friendly_name"], "mobile-1");
        assert!(!received.routing.timestamp.starts_with("1999"));
        assert_eq!(received.first_text(), Some("hello"));
    }

    #[test]
    fn a_pairing_request_of_the_gateway_becomes_an_event() {
        let frame = json!({
            "type": "pairing_request", "request_id": "ab", "pairing_code": "123456",
            "device_public_key": "key", "device_name": "phone", "colour": "red",
        });
        let data = json!({
            "request_id": "ab", "pairing_code": "123456", "device_public_key": "key", "device_name": "phone",
        });
        let expected =
            ForServer::Event { name: "pairing_request".to_owned(), data: data.as_object().unwrap().clone() };
        assert_eq!(for_server(&frame.to_string()).unwrap(), expected);
    }

    #[test]
    fn a_device_cannot_forge_a_frame_of_the_gateway() {
        let frame = r#"{"type":"device_connected","device_id":"mobile-2","sender_device_id":"mobile-1"}"#;
        assert!(matches!(for_server(frame), Err(Meaningless::NoPayload)));
    }

    #[test]
    fn frames_without_meaning_are_errors_and_nothing_worse() {
        for frame in ["", "[]", "7", "{}", r#"{"payload":[]}"#, r#"{"payload":{}}"#, r#"{"type":"auth_ok"}"#]
        {
            assert!(for_server(frame).is_err(), "{frame}");
        }
    }

    #[test]
    fn only_a_message_with_a_recipient_has_a_target() {
        let mut message = UnifiedMessage::text("devices", "server", "hello");
        assert!(!for_gateway(&message).contains("target_device_id"));
        message.routing.recipient_id = Some("mobile-1".to_owned());
        let frame: Value = serde_json::from_str(&for_gateway(&message)).unwrap();
        assert_eq!(frame["target_device_id"], "mobile-1");
        assert_eq!(frame["payload"]["content"][0]["body"], "hello");
    }

    #[test]
    fn an_answer_to_a_pairing_request_is_passed_on() {
        let data = json!({"request_id": "ab", "status": "rejected", "reason": "no"});
        let frame = pairing_response(data.as_object().unwrap()).unwrap();
        let frame: Value = serde_json::from_str(&frame).unwrap();
        let expected =
            json!({"type": "pairing_response", "request_id": "ab", "status": "rejected", "reason": "no"});
        assert_eq!(frame, expected);
        assert_eq!(pairing_response(&Map::new()), None);
    }
}
