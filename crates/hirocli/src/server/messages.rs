//! The way of a message: from a channel to whoever listens and to the agent, and from a program into a channel.
//!
//! Who gets what is decided in [`super::router`]; here it is looked up, kept, told and delivered.

use std::sync::Arc;

use hiro_channel_sdk::{devices, echo};
use hiro_protocol::json_rpc::{ErrorObject, Notification, method};
use hiro_protocol::unified_message::{Direction, MessageType, UnifiedMessage};
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::Event;
use super::context::Context;
use super::intake::Brought;
use super::router::{Agent, route};

/// No plugin takes a larger frame.
const MAX_FRAME: usize = 1 << 20;

/// The key of the configuration that names the channel plugin that answers what people say: [`echo`] where it is
/// missing, nobody where it is null.
const AGENT_KEY: &str = "agent";

/// Why a message was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum NotSent {
    #[error("no plugin has registered as channel `{channel}`")]
    NoChannel { channel: String },
    #[error("no device `{device_id}` is paired")]
    NotPaired { device_id: String },
    #[error("the message has {bytes} bytes on its way to a plugin, more than {MAX_FRAME}")]
    TooLarge { bytes: usize },
    #[error("the plugin of channel `{channel}` does not read what it is sent")]
    TooSlow { channel: String },
}

/// A message that the plugin `from` has received.
pub(super) async fn receive(
    context: &Context,
    from: &str,
    params: Map<String, Value>,
) -> Result<(), ErrorObject> {
    let mut message: UnifiedMessage =
        serde_json::from_value(Value::Object(params)).map_err(ErrorObject::internal)?;
    let sender = message.routing.sender_id.clone();
    if from == devices::NAME && !context.is_paired(sender.clone()).await {
        tracing::warn!(device_id = %sender, "refusing a message: no such device is paired");
        return Ok(());
    }
    let device_name = context.device_name(sender).await;
    message.routing.metadata.insert("device_name".to_owned(), json!(device_name));
    let name = agent_name(context);
    if !(is_said(&message) && message.routing.channel == from && from != name) {
        hand_over(context, (from.to_owned(), message));
        return Ok(());
    }
    let is_awaited = agent(context) == Agent::Nobody && context.runs(name.to_owned()).await;
    let is_there = || !is_awaited || agent(context) != Agent::Nobody;
    context.intake.take((from.to_owned(), message), is_there, |brought| hand_over(context, brought));
    Ok(())
}

fn is_said(message: &UnifiedMessage) -> bool {
    message.message_type == MessageType::Message
}

/// A plugin has registered: what has waited for it, if it is the agent, is handed over.
pub(super) fn plugin_came(context: &Context, name: &str) {
    if name == agent_name(context) {
        context.intake.release(|brought| hand_over(context, brought));
    }
}

fn hand_over(context: &Context, (from, mut message): Brought) {
    let deliveries = route(message.clone(), &from, agent(context), &context.history());
    if message.routing.channel != from {
        message.routing.direction = Direction::Outbound;
    }
    note(context, &message);
    for delivery in deliveries {
        let frame = Notification::new(method::SEND, delivery.message.to_object()).to_frame();
        context.hub.send(&delivery.to, frame);
    }
}

/// A message of a program for the channel that it names.
pub(super) async fn send(context: &Arc<Context>, mut message: UnifiedMessage) -> Result<(), NotSent> {
    message.routing.direction = Direction::Outbound;
    let channel = message.routing.channel.clone();
    if !context.hub.has(&channel) {
        return Err(NotSent::NoChannel { channel });
    }
    if let (devices::NAME, Some(device_id)) = (channel.as_str(), message.routing.recipient_id.clone())
        && !context.is_paired(device_id.clone()).await
    {
        return Err(NotSent::NotPaired { device_id });
    }
    let frame = Notification::new(method::SEND, message.to_object()).to_frame();
    if frame.len() > MAX_FRAME {
        return Err(NotSent::TooLarge { bytes: frame.len() });
    }
    if !context.hub.send(&channel, frame) {
        return Err(NotSent::TooSlow { channel });
    }
    note(context, &message);
    Ok(())
}

fn note(context: &Context, message: &UnifiedMessage) {
    context.history().keep(message);
    context.events.tell(Event::Message(message.to_object()));
}

/// Who answers now. A listener that says that it does is asked instead of any plugin.
fn agent(context: &Context) -> Agent {
    if context.streams.have_agent() {
        return Agent::Listener;
    }
    let name = agent_name(context);
    if context.hub.has(name) { Agent::Plugin(name.to_owned()) } else { Agent::Nobody }
}

/// The plugin that is to answer; an empty name where none is.
pub(super) fn agent_name(context: &Context) -> &str {
    match context.config.other.get(AGENT_KEY) {
        None => echo::NAME,
        Some(name) => name.as_str().unwrap_or_default(),
    }
}
