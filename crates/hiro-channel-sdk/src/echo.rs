//! The echo plugin: whatever text it is given comes back with `[echo]` before it.
//!
//! It is the smallest useful channel, and the default partner of a workspace without an agent.

use hiro_protocol::unified_message::{ContentItem, Direction, MessageType, Routing, UnifiedMessage};
use tokio_util::sync::CancellationToken;

use crate::{Channel, Description, Error, Failure, Options, Outbound};

/// The name under which the plugin registers.
pub const NAME: &str = "echo";

const VERSION: &str = "0.1.0";

/// The plugin.
#[derive(Debug, Clone, Copy, Default)]
pub struct Echo;

impl Channel for Echo {
    fn description(&self) -> Description {
        Description::new(NAME, VERSION, "Returns every message to its sender.")
    }

    async fn on_send(&mut self, message: UnifiedMessage, outbound: &Outbound) -> Result<(), Failure> {
        outbound.receive(&echo(message)?).await?;
        Ok(())
    }
}

/// Runs the plugin; see [`run()`](crate::run()).
///
/// # Errors
/// Those of [`run()`](crate::run()).
pub async fn run(
    options: &Options,
    on_registered: impl FnOnce() + Send,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    crate::run(Echo, options, on_registered, shutdown).await
}

/// The message that comes back.
///
/// # Errors
/// There is nothing in the message to come back.
pub fn echo(message: UnifiedMessage) -> Result<UnifiedMessage, Error> {
    if message.content.is_empty() {
        return Err(Error::NothingToEcho);
    }
    let original = message.routing;
    let speaker = original.recipient_id.as_deref().unwrap_or("server");
    let routing = Routing {
        direction: Direction::Inbound,
        recipient_id: Some(original.sender_id),
        metadata: original.metadata,
        ..Routing::inbound(&original.channel, &format!("{NAME}:{speaker}"))
    };
    Ok(UnifiedMessage {
        message_type: MessageType::Message,
        request_id: None,
        routing,
        content: message.content.into_iter().map(prefixed).collect(),
        ..message
    })
}

fn prefixed(item: ContentItem) -> ContentItem {
    if item.content_type != "text" {
        return item;
    }
    ContentItem { body: format!("[echo] {}", item.body), ..item }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_comes_back_to_its_sender_with_a_prefix() {
        let mut message = UnifiedMessage::text("devices", "mobile-1", "hello");
        message.routing.metadata.insert("thread".to_owned(), json!(7));
        message.content.push(ContentItem::json(&json!({})));
        let answer = echo(message.clone()).unwrap();
        assert_eq!(answer.validate(), Ok(()));
        assert_eq!(answer.first_text(), Some("[echo] hello"));
        assert_eq!(answer.content[1], message.content[1]);
        assert_eq!(answer.routing.sender_id, "echo:server");
        assert_eq!(answer.routing.recipient_id.as_deref(), Some("mobile-1"));
        assert_eq!(answer.routing.channel, "devices");
        assert_eq!(answer.routing.metadata, message.routing.metadata);
        assert_ne!(answer.routing.id, message.routing.id);
    }

    #[test]
    fn an_event_has_no_echo() {
        let event = UnifiedMessage::text("devices", "mobile-1", "hello").received();
        assert!(matches!(echo(event), Err(Error::NothingToEcho)));
    }
}
