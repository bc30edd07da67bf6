//! What was said lately, in both directions: as much as fits, and only while this server runs.

use std::collections::VecDeque;

use hiro_protocol::unified_message::{Direction, MessageType, UnifiedMessage};
use serde_json::{Map, Value, json};

const MAX_MESSAGES: usize = 500;
const MAX_BYTES: usize = 1 << 20;

/// As many as one answer holds at the most.
const MOST: usize = 200;

#[derive(Debug, Default)]
pub(super) struct History {
    kept: VecDeque<Kept>,
    bytes: usize,
    count: u64,
}

#[derive(Debug)]
struct Kept {
    number: u64,
    bytes: usize,
    message: UnifiedMessage,
}

impl History {
    /// Keeps what somebody said; nothing else is worth it.
    pub(super) fn keep(&mut self, message: &UnifiedMessage) {
        if message.message_type != MessageType::Message {
            return;
        }
        self.count += 1;
        let bytes = size(message);
        self.bytes += bytes;
        self.kept.push_back(Kept { number: self.count, bytes, message: message.clone() });
        while self.kept.len() > MAX_MESSAGES || self.bytes > MAX_BYTES {
            self.bytes -= self.kept.pop_front().map_or(0, |oldest| oldest.bytes);
        }
    }

    /// The last messages, oldest first.
    pub(super) fn last(&self, count: usize) -> Vec<Map<String, Value>> {
        let first = self.kept.len().saturating_sub(count.min(MOST));
        self.kept.range(first..).map(|kept| kept.message.to_object()).collect()
    }

    /// What `who` said on `channel`, what was said to it, and what was said to everybody there, behind the time `after`:
    /// rows as the Python server keeps them, oldest first.
    pub(super) fn rows_for(&self, who: &str, channel: &str, after: Option<&str>, limit: usize) -> Vec<Value> {
        let concerns = |kept: &&Kept| {
            let routing = &kept.message.routing;
            let to = routing.recipient_id.as_deref();
            let is_said_by = routing.direction == Direction::Inbound && routing.sender_id == who;
            let is_said_to = routing.direction == Direction::Outbound && to.is_none_or(|to| to == who);
            routing.channel == channel && (is_said_by || is_said_to)
        };
        let is_later =
            |kept: &&Kept| after.is_none_or(|after| kept.message.routing.timestamp.as_str() > after);
        let kept: Vec<&Kept> = self.kept.iter().filter(concerns).filter(is_later).collect();
        let limit = limit.min(MOST);
        // Behind a time the first ones, so that the next question goes on from there; otherwise the last ones.
        let rows = if after.is_some() {
            &kept[..kept.len().min(limit)]
        } else {
            &kept[kept.len().saturating_sub(limit)..]
        };
        rows.iter().map(|kept| kept.to_row()).collect()
    }
}

impl Kept {
    fn to_row(&self) -> Value {
        let UnifiedMessage { routing, content, .. } = &self.message;
        let said = content.first();
        json!({
            "id": self.number,
            "external_id": routing.id,
            "channel_id": routing.channel,
            "user_id": null,
            "sender_type": if routing.direction == Direction::Inbound { "user" } else { "agent" },
            "sender_id": routing.sender_id,
            "content_type": said.map(|item| &item.content_type),
            "body": said.map(|item| &item.body),
            "media_path": null,
            "metadata": said.map(|item| &item.metadata),
            "created_at": routing.timestamp,
        })
    }
}

/// What is said counts; the envelope is about the same for all.
fn size(message: &UnifiedMessage) -> usize {
    let items = message.content.iter().map(|item| item.body.len() + item.metadata.len() * 64);
    256 + items.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(by: &str, to: Option<&str>, text: &str) -> UnifiedMessage {
        let mut message = UnifiedMessage::text("devices", by, text);
        message.routing.recipient_id = to.map(str::to_owned);
        if by == "server" {
            message.routing.direction = Direction::Outbound;
        }
        message
    }

    fn texts(rows: &[Value]) -> Vec<&str> {
        rows.iter().map(|row| row["body"].as_str().unwrap()).collect()
    }

    #[test]
    fn a_device_is_told_its_own_conversation_and_nobody_elses() {
        let mut history = History::default();
        for message in [
            said("a", None, "from a"),
            said("b", None, "from b"),
            said("server", Some("a"), "to a"),
            said("server", Some("b"), "to b"),
            said("server", None, "to all"),
        ] {
            history.keep(&message);
        }
        let rows = history.rows_for("a", "devices", None, 50);
        assert_eq!(texts(&rows), ["from a", "to a", "to all"]);
        assert_eq!((&rows[0]["sender_type"], &rows[1]["sender_type"]), (&json!("user"), &json!("agent")));
        assert_eq!(texts(&history.rows_for("a", "devices", None, 1)), ["to all"]);
        assert!(history.rows_for("a", "telegram", None, 50).is_empty());
        assert!(history.rows_for("a", "devices", Some("9999"), 50).is_empty());
        assert_eq!(texts(&history.rows_for("a", "devices", Some("1970"), 1)), ["from a"]);
    }

    #[test]
    fn neither_many_messages_nor_large_ones_take_more_than_their_share() {
        let mut history = History::default();
        for number in 0..MAX_MESSAGES + 7 {
            history.keep(&said("a", None, &number.to_string()));
        }
        assert_eq!(history.kept.len(), MAX_MESSAGES);
        assert_eq!(history.last(usize::MAX).len(), MOST);
        for _ in 0..9 {
            history.keep(&said("a", None, &"x".repeat(MAX_BYTES / 4)));
        }
        assert!(history.bytes <= MAX_BYTES && history.kept.len() == 3, "{}", history.kept.len());
    }

    #[test]
    fn only_what_somebody_says_is_kept() {
        let mut history = History::default();
        history.keep(&said("a", None, "x").received());
        assert!(history.last(9).is_empty());
    }
}
