//! One case carried out: its steps in their order, up to the first thing that is heard and was not expected.
//!
//! That nothing is heard is never waited for: a peer says something to itself, and hears it next.

use std::collections::BTreeMap;

use hiro_testkit::{PATIENCE, until};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::gateways::Gateway;
use crate::peer::{Heard, Peer};
use crate::placeholders::Known;

/// A step of a case. Frames are templates, see [`Known`].
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Connects.
    Opens(&'static str),
    Says(&'static str, String),
    SaysBytes(&'static str, Vec<u8>),
    Hears(&'static str, String),
    /// Hears a frame with this text in it, which JSON readers may not read alike.
    HearsText(&'static str, String),
    /// Hears who came or went, where the gateway tells.
    Noticed(&'static str, String),
    Closed(&'static str, u16, &'static str),
    Leaves(&'static str),
}

/// What two gateways should do alike.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) steps: Vec<Step>,
}

struct Conversation<'a> {
    gateway: &'a Gateway,
    case: usize,
    peers: BTreeMap<&'static str, Peer>,
    request_id: String,
}

/// What was heard instead of what the case expects; nothing where all was as expected. `number` is of this case alone.
pub(crate) fn surprise(gateway: &Gateway, number: usize, case: &Case) -> Option<String> {
    let peers = BTreeMap::new();
    let mut conversation = Conversation { gateway, case: number, peers, request_id: String::new() };
    let surprise = case.steps.iter().find_map(|step| conversation.take(step).err());
    conversation.end();
    surprise
}

impl Conversation<'_> {
    fn take(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Opens(peer) => _ = self.peers.insert(peer, Peer::open(self.gateway.port)),
            Step::Says(peer, template) => {
                let text = self.known(peer).fill(template);
                self.peer(peer).say(Message::text(text));
            }
            Step::SaysBytes(peer, bytes) => self.peer(peer).say(Message::binary(bytes.clone())),
            Step::Hears(peer, template) => {
                let heard = self.next_frame(peer)?;
                let expected = parse(&self.known(peer).fill(template));
                expect(heard == expected, peer, &heard)?;
            }
            Step::HearsText(peer, text) => {
                let text = self.known(peer).fill(text);
                let heard = self.next(peer, false);
                let found = matches!(&heard, Heard::Frame(frame) if frame.contains(&text));
                expect(found, peer, &shortened(&heard))?;
            }
            Step::Noticed(peer, template) => self.notice(peer, template)?,
            Step::Closed(peer, code, reason) => {
                let heard = self.next(peer, false);
                expect(heard == Heard::Closed(*code, (*reason).to_owned()), peer, &shortened(&heard))?;
            }
            Step::Leaves(peer) => self.peer(peer).leave(),
        }
        Ok(())
    }

    fn notice(&mut self, peer: &'static str, template: &str) -> Result<(), String> {
        if !self.gateway.maker.gives_notice() {
            return Ok(());
        }
        let expected = parse(&self.known(peer).fill(template));
        match self.next(peer, true) {
            Heard::Frame(text) => expect(parse(&text) == expected, peer, &text),
            other => Err(said(peer, &shortened(&other))),
        }
    }

    fn peer(&mut self, name: &str) -> &mut Peer {
        self.peers.get_mut(name).expect("a case opens its peers")
    }

    fn known(&self, peer: &str) -> Known<'_> {
        let nonce = &self.peers[peer].nonce;
        Known { gateway: self.gateway, case: self.case, nonce, request_id: &self.request_id }
    }

    /// The next message, without notices unless they are asked for, and without those of earlier cases.
    fn next(&mut self, peer: &'static str, notices: bool) -> Heard {
        let own = self.known(peer).name("");
        loop {
            let heard = self.peer(peer).hear();
            match &heard {
                Heard::Frame(text) if is_notice(text) && !(notices && text.contains(&format!("{own}\""))) => {
                }
                _ => return heard,
            }
        }
    }

    /// The next frame; what is new in every run is remembered and taken out.
    fn next_frame(&mut self, peer: &'static str) -> Result<Value, String> {
        let text = match self.next(peer, false) {
            Heard::Frame(text) => text,
            other => return Err(said(peer, &shortened(&other))),
        };
        let mut frame = parse(&text);
        if let Some(nonce) = taken_out(&mut frame, "nonce", 64) {
            self.peer(peer).nonce = nonce;
        }
        if let Some(request_id) = taken_out(&mut frame, "request_id", 24) {
            self.request_id = request_id;
        }
        Ok(frame)
    }

    /// Everybody leaves, and the gateway is known to have noticed when the name is free again.
    fn end(mut self) {
        let names: Vec<_> = self.peers.keys().copied().collect();
        for name in names {
            self.peer(name).leave();
            let free = || self.is_free(name).then_some(());
            until("the gateway to forget a peer", PATIENCE, free);
        }
    }

    fn is_free(&self, name: &str) -> bool {
        let mut peer = Peer::open(self.gateway.port);
        peer.nonce = peer.hear_json()["nonce"].as_str().unwrap_or_default().to_owned();
        let known = Known { gateway: self.gateway, case: self.case, nonce: &peer.nonce, request_id: "" };
        let login = known.fill(&format!(
            r#"{{"type":"auth_response","auth_mode":"device","attestation":<attested {name}>,"nonce_signature":<signed device>}}"#
        ));
        let echo = known.fill(&format!(r#"{{"target_device_id":<id {name}>}}"#));
        peer.say(Message::text(login));
        peer.say(Message::text(echo));
        let welcome = peer.hear();
        let free = matches!((welcome, peer.hear()), (Heard::Frame(_), Heard::Frame(_)));
        peer.leave();
        free
    }
}

fn expect(as_expected: bool, peer: &str, heard: &dyn std::fmt::Display) -> Result<(), String> {
    if as_expected { Ok(()) } else { Err(said(peer, heard)) }
}

fn said(peer: &str, heard: &dyn std::fmt::Display) -> String {
    format!("{peer}: {heard}")
}

fn shortened(heard: &Heard) -> String {
    match heard {
        Heard::Frame(text) => text.chars().take(200).collect(),
        Heard::Closed(code, reason) => format!("closed {code} {reason}").trim_end().to_owned(),
        Heard::Broken(how) => format!("broken: {how}"),
    }
}

/// Text that no reader takes stays as it is.
fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

fn is_notice(text: &str) -> bool {
    let kind = parse(text)["type"].clone();
    kind == "device_connected" || kind == "device_disconnected"
}

/// The value of `key`, if it is that many lower-case hexadecimal digits; its place says so from now on.
fn taken_out(frame: &mut Value, key: &str, digits: usize) -> Option<String> {
    let text = frame.get(key)?.as_str()?.to_owned();
    let hexadecimal = text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    (text.len() == digits && hexadecimal).then(|| {
        frame[key] = json!(format!("{digits} digits"));
        text
    })
}
