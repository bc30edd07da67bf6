//! What the server says in return to a message: that it was received, or the response to a request.

use serde_json::{Map, Value};

use super::{ContentItem, Direction, Event, MESSAGE_RECEIVED, MessageType, Routing, UnifiedMessage, version};

/// The sender that the server puts on what it says itself.
const SERVER: &str = "server";

impl UnifiedMessage {
    /// The event that tells the sender of this message that the server has it.
    pub fn received(&self) -> Self {
        let event = Event {
            kind: MESSAGE_RECEIVED.to_owned(),
            ref_id: Some(self.routing.id.clone()),
            data: Map::new(),
        };
        Self {
            version: version(),
            message_type: MessageType::Event,
            request_id: None,
            routing: self.routing.returned(),
            content: Vec::new(),
            event: Some(event),
        }
    }

    /// The response to this request. One without a request id is answered under the id of the message.
    pub fn response(&self, body: &Value) -> Self {
        Self {
            version: version(),
            message_type: MessageType::Response,
            request_id: Some(self.request_id.clone().unwrap_or_else(|| self.routing.id.clone())),
            routing: self.routing.returned(),
            content: vec![ContentItem::json(body)],
            event: None,
        }
    }
}

impl Routing {
    /// The envelope of what the server sends back to the sender: same channel, same metadata.
    fn returned(&self) -> Self {
        Self {
            direction: Direction::Outbound,
            recipient_id: Some(self.sender_id.clone()),
            metadata: self.metadata.clone(),
            ..Self::inbound(&self.channel, SERVER)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_acknowledgement_goes_back_to_the_sender_on_the_same_channel_with_the_same_metadata() {
        let mut message = UnifiedMessage::text("devices", "mobile-1", "hello");
        message.routing.metadata.insert("thread".to_owned(), json!(7));
        let event = message.received();
        assert_eq!(event.validate(), Ok(()));
        assert_eq!(event.event.unwrap().ref_id, Some(message.routing.id));
        assert_eq!(event.routing.channel, "devices");
        assert_eq!(event.routing.sender_id, "server");
        assert_eq!(event.routing.recipient_id.as_deref(), Some("mobile-1"));
        assert_eq!(event.routing.direction, Direction::Outbound);
        assert_eq!(event.routing.metadata["thread"], 7);
    }

    #[test]
    fn a_response_carries_the_id_of_its_request() {
        let mut request = UnifiedMessage::text("devices", "mobile-1", "");
        request.message_type = MessageType::Request;
        request.request_id = Some("r1".to_owned());
        let response = request.response(&json!({"status": "ok"}));
        assert_eq!(response.validate(), Ok(()));
        assert_eq!(response.request_id.as_deref(), Some("r1"));
        assert_eq!(response.content[0].body, r#"{"status":"ok"}"#);
    }
}
