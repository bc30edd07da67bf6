//! The message that devices, channel plugins and the server exchange, whatever third party it comes from.
//!
//! What deserializes has passed [`UnifiedMessage::validate`]; keys that this version doesn't know are ignored. How a
//! message travels (JSON-RPC on the plugin port, a gateway frame) is the business of [`crate::json_rpc`] and
//! [`crate::gateway`].

mod answer;
mod rules;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};
use uuid::Uuid;

pub use rules::InvalidMessage;

use crate::iso_time;

/// The one version of the format.
pub const VERSION: &str = "0.1";

/// The type of the event by which the server acknowledges a message.
pub const MESSAGE_RECEIVED: &str = "message.received";

/// A message, a notice, a question, an answer, or a piece of a file.
///
/// ```
/// use hiro_protocol::unified_message::UnifiedMessage;
///
/// let message = UnifiedMessage::text("devices", "mobile-1", "hello");
/// let json = serde_json::to_value(&message).unwrap();
/// assert_eq!(json["content"][0]["body"], "hello");
/// assert_eq!(serde_json::from_value::<UnifiedMessage>(json).unwrap(), message);
/// ```
// `remote = "Self"` makes serde write its code as inherent functions, so that the trait below can add the validation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct UnifiedMessage {
    /// Always [`VERSION`].
    #[serde(default = "version")]
    pub version: String,
    /// What the sender wants.
    #[serde(default)]
    pub message_type: MessageType,
    /// Ties an answer to its question.
    #[serde(default)]
    pub request_id: Option<String>,
    /// Who, where to and when.
    pub routing: Routing,
    /// What is said, in order.
    #[serde(default)]
    pub content: Vec<ContentItem>,
    /// What happened; of events only.
    #[serde(default)]
    pub event: Option<Event>,
}

/// What the sender of a message wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageType {
    /// To say something.
    #[default]
    Message,
    /// To let the other side know of something.
    Event,
    /// To have an answer.
    Request,
    /// To answer.
    Response,
    /// To hand over one piece of a file.
    Stream,
}

/// Which way a message goes, seen from the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From the third party to the server.
    Inbound,
    /// From the server to the third party.
    Outbound,
}

/// The envelope of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Routing {
    /// Names this one message.
    #[serde(default = "fresh_id")]
    pub id: String,
    /// The channel plugin that the message came through, or goes through.
    pub channel: String,
    /// Which way it goes.
    pub direction: Direction,
    /// Who sent it.
    pub sender_id: String,
    /// Who shall have it; none means everyone on the channel.
    #[serde(default)]
    pub recipient_id: Option<String>,
    /// When it was sent (RFC 3339).
    #[serde(default = "now")]
    pub timestamp: String,
    /// Whatever the two ends want to tell each other.
    #[serde(default)]
    pub metadata: Map<String, Value>,
}

/// One piece of what is said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContentItem {
    /// `text`, `image`, `audio`, `video`, `file`, `location`, `json`, …
    pub content_type: String,
    /// The text, or a reference to the content.
    #[serde(default)]
    pub body: String,
    /// What else there is to know of it.
    #[serde(default)]
    pub metadata: Map<String, Value>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// A dotted name, as [`MESSAGE_RECEIVED`].
    #[serde(rename = "type")]
    pub kind: String,
    /// The message that it is about.
    #[serde(default)]
    pub ref_id: Option<String>,
    /// What else there is to know of it.
    #[serde(default)]
    pub data: Map<String, Value>,
}

impl UnifiedMessage {
    /// A text that `sender_id` sends to the server through `channel`.
    pub fn text(channel: &str, sender_id: &str, body: &str) -> Self {
        Self {
            version: version(),
            message_type: MessageType::Message,
            request_id: None,
            routing: Routing::inbound(channel, sender_id),
            content: vec![ContentItem::text(body)],
            event: None,
        }
    }

    /// The message as a JSON object, as frames carry it.
    pub fn to_object(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            other => unreachable!("a struct with text keys is a json object, not {other:?}"),
        }
    }

    /// The body of the first text item.
    pub fn first_text(&self) -> Option<&str> {
        self.content.iter().find(|item| item.content_type == "text").map(|item| item.body.as_str())
    }
}

impl Routing {
    /// The envelope of a message that `sender_id` sends to the server now.
    pub fn inbound(channel: &str, sender_id: &str) -> Self {
        Self {
            id: fresh_id(),
            channel: channel.to_owned(),
            direction: Direction::Inbound,
            sender_id: sender_id.to_owned(),
            recipient_id: None,
            timestamp: now(),
            metadata: Map::new(),
        }
    }

    /// Marks the message as received now: a device's clock may be wrong, and messages are ordered by this time.
    pub fn stamp(&mut self) {
        self.timestamp = now();
    }
}

impl ContentItem {
    /// A text.
    pub fn text(body: &str) -> Self {
        Self { content_type: "text".to_owned(), body: body.to_owned(), metadata: Map::new() }
    }

    /// A JSON document, as requests and responses carry one.
    pub fn json(body: &Value) -> Self {
        Self { content_type: "json".to_owned(), body: body.to_string(), metadata: Map::new() }
    }
}

impl<'de> Deserialize<'de> for UnifiedMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let message = Self::deserialize(deserializer)?;
        message.validate().map_err(de::Error::custom)?;
        Ok(message)
    }
}

impl Serialize for UnifiedMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

fn version() -> String {
    VERSION.to_owned()
}

fn fresh_id() -> String {
    Uuid::new_v4().simple().to_string()
}

fn now() -> String {
    iso_time::format_with_z(Timestamp::now())
}
