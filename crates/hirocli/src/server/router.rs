//! Who gets a message that a plugin has received. Pure: it decides, [`super::plugin_port`] delivers.

use hiro_protocol::unified_message::{Direction, MessageType, UnifiedMessage};

use super::history::History;
use super::requests;

/// Who answers what people say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Agent {
    Nobody,
    /// A channel plugin.
    Plugin(String),
    /// A program that hears of every message anyway.
    Listener,
}

/// A message on its way to a plugin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Delivery {
    pub(super) to: String,
    pub(super) message: UnifiedMessage,
}

/// What follows from a message that the plugin `from` has received.
///
/// - A message on another channel than the plugin's own is for that channel: so an agent answers.
/// - What somebody says is acknowledged at once, and handed to the agent.
/// - A request is answered.
pub(super) fn route(message: UnifiedMessage, from: &str, agent: Agent, history: &History) -> Vec<Delivery> {
    if message.routing.channel != from {
        return vec![Delivery { to: message.routing.channel.clone(), message: outbound(message) }];
    }
    let back = |message| Delivery { to: from.to_owned(), message };
    match message.message_type {
        MessageType::Message => {
            let mut deliveries = vec![back(message.received())];
            match agent {
                Agent::Plugin(agent) if agent != from => {
                    deliveries.push(Delivery { to: agent, message: outbound(message) });
                }
                _ => {}
            }
            deliveries
        }
        MessageType::Request => vec![back(message.response(&requests::answer(&message, history)))],
        MessageType::Event | MessageType::Response | MessageType::Stream => Vec::new(),
    }
}

fn outbound(mut message: UnifiedMessage) -> UnifiedMessage {
    message.routing.direction = Direction::Outbound;
    message
}

#[cfg(test)]
mod tests {
    use hiro_protocol::unified_message::ContentItem;
    use serde_json::json;

    use super::*;

    fn routed(message: UnifiedMessage, from: &str, agent: Option<&str>) -> Vec<Delivery> {
        let agent = agent.map_or(Agent::Nobody, |agent| Agent::Plugin(agent.to_owned()));
        route(message, from, agent, &History::default())
    }

    #[test]
    fn what_somebody_says_is_acknowledged_first_and_then_handed_to_the_agent() {
        let message = UnifiedMessage::text("devices", "mobile-1", "hello");
        let deliveries = routed(message.clone(), "devices", Some("echo"));
        assert_eq!(deliveries.len(), 2);
        assert_eq!(deliveries[0].to, "devices");
        assert_eq!(deliveries[0].message.event.as_ref().unwrap().ref_id, Some(message.routing.id.clone()));
        assert_eq!(deliveries[1].to, "echo");
        assert_eq!(deliveries[1].message.routing.channel, "devices");
        assert_eq!(deliveries[1].message.routing.direction, Direction::Outbound);
        assert_eq!(deliveries[1].message.content, message.content);
    }

    #[test]
    fn without_an_agent_a_message_is_acknowledged_only() {
        let message = UnifiedMessage::text("devices", "mobile-1", "hello");
        assert_eq!(routed(message, "devices", None).len(), 1);
    }

    #[test]
    fn an_agent_does_not_talk_to_itself() {
        let message = UnifiedMessage::text("echo", "somebody", "hello");
        assert_eq!(routed(message, "echo", Some("echo")).len(), 1);
    }

    #[test]
    fn what_an_agent_answers_goes_to_the_channel_of_the_question() {
        let mut message = UnifiedMessage::text("devices", "echo:server", "[echo] hello");
        message.routing.recipient_id = Some("mobile-1".to_owned());
        let deliveries = routed(message, "echo", Some("echo"));
        assert_eq!(deliveries.len(), 1);
        assert_eq!(deliveries[0].to, "devices");
        assert_eq!(deliveries[0].message.routing.direction, Direction::Outbound);
        assert_eq!(deliveries[0].message.routing.recipient_id.as_deref(), Some("mobile-1"));
    }

    #[test]
    fn a_request_is_answered_to_its_sender() {
        let mut message = UnifiedMessage::text("devices", "mobile-1", "");
        message.message_type = MessageType::Request;
        message.request_id = Some("r1".to_owned());
        message.content = vec![ContentItem::json(&json!({"method": "dance"}))];
        let deliveries = routed(message, "devices", Some("echo"));
        assert_eq!(deliveries.len(), 1);
        assert_eq!(deliveries[0].message.request_id.as_deref(), Some("r1"));
        assert!(deliveries[0].message.content[0].body.contains("method_not_found"));
    }

    #[test]
    fn events_need_no_answer() {
        let event = UnifiedMessage::text("devices", "mobile-1", "hello").received();
        assert!(routed(event, "devices", Some("echo")).is_empty());
    }
}
