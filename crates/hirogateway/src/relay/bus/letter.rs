//! What nodes tell each other, and its form on the bus: one line of JSON, then the frame that is passed on, if any.

use std::fmt;

use hiro_protocol::gateway::pairing::{PairingAnswer, PairingRequest};
use serde::{Deserialize, Serialize};
use tokio_tungstenite::tungstenite::{Bytes, Utf8Bytes};

use super::super::hub::Role;

/// The longest first line that is read: the list of a node with many members.
const LONGEST_LINE: usize = 4 << 20;

/// A node of the gateway, for as long as it runs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(in crate::relay) struct NodeId(String);

/// Who is connected to another node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::relay) struct RemoteMember {
    pub(in crate::relay) device_id: String,
    pub(in crate::relay) role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::relay) device_name: Option<String>,
    /// When it logged in, in microseconds since the epoch by its node's clock.
    pub(in crate::relay) since: i64,
}

/// One thing to tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(in crate::relay) enum Letter {
    /// To all: this node is there.
    Here,
    /// To all: this node goes.
    Bye,
    /// Everybody that is connected to this node; the other node answers with [`Letter::Members`].
    Hello { members: Vec<RemoteMember> },
    /// Everybody that is connected to this node.
    Members { members: Vec<RemoteMember> },
    /// A peer has logged in.
    Joined { member: RemoteMember },
    /// A peer has left.
    Left { device_id: String },
    /// A frame for one peer, or for all of them. It follows the line.
    Frame {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<String>,
    },
    /// A client of this node asks the desktop of the other one.
    PairingRequest { request_id: String, request: PairingRequest },
    /// The desktop's answer.
    PairingAnswer { answer: PairingAnswer },
    /// There is no such desktop any more.
    PairingFailed { request_id: String },
    /// The client waits no more.
    PairingEnded { request_id: String },
    /// Nothing new; the number is that of the last letter.
    Beat,
}

/// A letter as it travels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Envelope {
    pub(super) from: NodeId,
    /// Counts the letters from this node to that one. Letters to all have 0.
    pub(super) number: u64,
    pub(super) letter: Letter,
    pub(super) body: Option<Utf8Bytes>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    from: NodeId,
    number: u64,
    #[serde(flatten)]
    letter: Letter,
}

impl NodeId {
    /// # Panics
    /// When the operating system has no randomness to give.
    pub(in crate::relay) fn generate() -> Self {
        let mut bytes = [0; 12];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Envelope {
    pub(super) fn write(&self) -> Bytes {
        let line = Line { from: self.from.clone(), number: self.number, letter: self.letter.clone() };
        let mut bytes = serde_json::to_vec(&line).expect("a letter is made of texts and numbers");
        if let Some(body) = &self.body {
            bytes.push(b'\n');
            bytes.extend_from_slice(body.as_bytes());
        }
        bytes.into()
    }

    /// `None` for what no node writes.
    pub(super) fn read(bytes: &Bytes) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let line = &bytes[..end.unwrap_or(bytes.len())];
        if line.len() > LONGEST_LINE {
            return None;
        }
        let Line { from, number, letter } = serde_json::from_slice(line).ok()?;
        let body = end.map(|end| Utf8Bytes::try_from(bytes.slice(end + 1..))).transpose().ok()?;
        let fits = body.is_some() == matches!(letter, Letter::Frame { .. });
        fits.then_some(Self { from, number, letter, body })
    }
}

#[cfg(test)]
mod tests {
    use super::{Envelope, Letter, NodeId};

    fn envelope(letter: Letter, body: Option<&str>) -> Envelope {
        Envelope {
            from: NodeId::generate(),
            number: 7,
            letter,
            body: body.map(|text| text.to_owned().into()),
        }
    }

    #[test]
    fn a_letter_comes_back_as_it_was_written() {
        for (letter, body) in [
            (Letter::Here, None),
            (Letter::Left { device_id: "phone\n".into() }, None),
            (Letter::Frame { target: Some("a".into()) }, Some("{\"text\":\"ä\n\"}")),
            (Letter::Frame { target: None }, Some("")),
        ] {
            let written = envelope(letter, body);
            assert_eq!(Envelope::read(&written.write()), Some(written));
        }
    }

    #[test]
    fn what_no_node_writes_is_no_letter() {
        let frame_without_body = envelope(Letter::Frame { target: None }, None).write();
        let body_without_frame = envelope(Letter::Here, Some("{}")).write();
        for bytes in
            [frame_without_body, body_without_frame, "{}".into(), "\n".into(), [0xff].to_vec().into()]
        {
            assert_eq!(Envelope::read(&bytes), None, "{bytes:?}");
        }
    }
}
