//! Which fields go with which type of message.

use serde_json::Value;
use thiserror::Error;

use super::{ContentItem, MessageType, UnifiedMessage, VERSION};

/// Why something that has the shape of a message is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidMessage {
    /// Written by another version of the format.
    #[error("version `{version}` is not `0.1`")]
    Version {
        /// What it says.
        version: String,
    },
    /// The type can't do without this.
    #[error("a message of type {kind} requires {what}")]
    Missing {
        /// The type of the message.
        kind: MessageType,
        /// What is not there.
        what: &'static str,
    },
    /// The type doesn't go with this.
    #[error("a message of type {kind} must not carry {what}")]
    Unexpected {
        /// The type of the message.
        kind: MessageType,
        /// What is there.
        what: &'static str,
    },
}

impl UnifiedMessage {
    /// Checks what the shape alone doesn't show.
    ///
    /// # Errors
    /// The first rule that the message breaks.
    pub fn validate(&self) -> Result<(), InvalidMessage> {
        if self.version != VERSION {
            return Err(InvalidMessage::Version { version: self.version.clone() });
        }
        let kind = self.message_type;
        if kind != MessageType::Event {
            self.forbid(self.event.is_some(), "an event payload")?;
        }
        match kind {
            MessageType::Message => self.require(!self.content.is_empty(), "at least one content item"),
            MessageType::Event => {
                self.require(self.event.is_some(), "an event payload")?;
                self.forbid(!self.content.is_empty(), "content items")
            }
            MessageType::Request | MessageType::Response => {
                self.require_request_id()?;
                let json = self.content.iter().any(|item| item.content_type == "json");
                self.require(json, "a json content item")
            }
            MessageType::Stream => {
                self.require_request_id()?;
                self.validate_stream()
            }
        }
    }

    fn validate_stream(&self) -> Result<(), InvalidMessage> {
        let [chunk] = self.content.as_slice() else {
            return self.require(false, "exactly one content item");
        };
        self.require(chunk.content_type == "file", "a content item of type `file`")?;
        self.require(names_a_blob(chunk), "`metadata.blob_id`, a string that is not blank")?;
        let numbered = chunk.metadata.get("seq").is_some_and(Value::is_u64);
        self.require(numbered, "`metadata.seq`, a whole number from 0 on")?;
        self.require(
            chunk.metadata.get("final").is_some_and(Value::is_boolean),
            "`metadata.final`, a boolean",
        )
    }

    fn require_request_id(&self) -> Result<(), InvalidMessage> {
        self.require(self.request_id.as_deref().is_some_and(|id| !id.is_empty()), "`request_id`")
    }

    fn require(&self, holds: bool, what: &'static str) -> Result<(), InvalidMessage> {
        if holds { Ok(()) } else { Err(InvalidMessage::Missing { kind: self.message_type, what }) }
    }

    fn forbid(&self, present: bool, what: &'static str) -> Result<(), InvalidMessage> {
        if present { Err(InvalidMessage::Unexpected { kind: self.message_type, what }) } else { Ok(()) }
    }
}

impl std::fmt::Display for MessageType {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Message => "`message`",
            Self::Event => "`event`",
            Self::Request => "`request`",
            Self::Response => "`response`",
            Self::Stream => "`stream`",
        })
    }
}

fn names_a_blob(chunk: &ContentItem) -> bool {
    chunk.metadata.get("blob_id").and_then(Value::as_str).is_some_and(|id| !id.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn parse(mut fields: Value) -> Result<UnifiedMessage, String> {
        fields["routing"] = json!({"channel": "devices", "direction": "inbound", "sender_id": "mobile-1"});
        serde_json::from_value(fields).map_err(|error| error.to_string())
    }

    #[test]
    fn missing_keys_take_their_defaults_and_unknown_ones_are_ignored() {
        let message =
            parse(json!({"content": [{"content_type": "text", "colour": 1}], "mood": "good"})).unwrap();
        assert_eq!(message.version, VERSION);
        assert_eq!(message.message_type, MessageType::Message);
        assert_eq!(message.content[0].body, "");
        assert_eq!(message.routing.id.len(), 32);
        assert!(!message.routing.timestamp.is_empty());
    }

    #[test]
    fn every_type_asks_for_its_own_fields() {
        let text = json!([{"content_type": "text"}]);
        let event = json!({"type": "x"});
        let table = [
            (json!({"version": "0.2", "content": text}), "version `0.2` is not `0.1`"),
            (json!({}), "a message of type `message` requires at least one content item"),
            (
                json!({"content": text, "event": event}),
                "a message of type `message` must not carry an event payload",
            ),
            (json!({"message_type": "event"}), "a message of type `event` requires an event payload"),
            (
                json!({"message_type": "event", "event": event, "content": text}),
                "a message of type `event` must not carry content items",
            ),
            (
                json!({"message_type": "request", "content": text}),
                "a message of type `request` requires `request_id`",
            ),
            (
                json!({"message_type": "response", "request_id": "r", "content": text}),
                "a message of type `response` requires a json content item",
            ),
            (
                json!({"message_type": "stream", "request_id": "r"}),
                "a message of type `stream` requires exactly one content item",
            ),
        ];
        for (fields, expected) in table {
            assert_eq!(parse(fields).unwrap_err(), expected);
        }
    }

    #[test]
    fn a_stream_needs_a_numbered_piece_of_a_named_blob() {
        let stream = |metadata: Value| {
            let content = json!([{"content_type": "file", "metadata": metadata}]);
            parse(json!({"message_type": "stream", "request_id": "r", "content": content}))
        };
        assert!(stream(json!({"blob_id": "b", "seq": 0, "final": false})).is_ok());
        assert!(stream(json!({"blob_id": " ", "seq": 0, "final": false})).unwrap_err().contains("blob_id"));
        assert!(stream(json!({"blob_id": "b", "seq": -1, "final": false})).unwrap_err().contains("seq"));
        assert!(stream(json!({"blob_id": "b", "seq": 0, "final": 1})).unwrap_err().contains("final"));
    }
}
