//! What a case can't know when it is written: names, challenges, signatures and attestations, which stand in its frames as
//! `<words>` and are put in when it runs.

use hiro_protocol::attestation::{Attestation, DEFAULT_VALIDITY};
use hiro_protocol::keys::SecretKey;
use hiro_protocol::nonce::Nonce;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::gateways::Gateway;

/// What is known when a frame is about to be sent or was just heard.
#[derive(Debug)]
pub(crate) struct Known<'a> {
    pub(crate) gateway: &'a Gateway,
    /// Makes the names of one case its own.
    pub(crate) case: usize,
    /// Of the peer that speaks.
    pub(crate) nonce: &'a str,
    /// The last one that was heard.
    pub(crate) request_id: &'a str,
}

impl Known<'_> {
    /// `template` with every placeholder replaced by the JSON that it stands for.
    pub(crate) fn fill(&self, template: &str) -> String {
        let mut pieces = template.split('<');
        let mut filled = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (words, rest) = piece.split_once('>').expect("a placeholder is closed");
            filled.push_str(&self.replacement(words));
            filled.push_str(rest);
        }
        filled
    }

    /// The name of a peer: one id space for the whole run, and a case of its own in it.
    pub(crate) fn name(&self, peer: &str) -> String {
        format!("{peer}-of-{}", self.case)
    }

    fn replacement(&self, words: &str) -> String {
        let (word, argument) = words.split_once(' ').unwrap_or((words, ""));
        match word {
            "id" => json!(self.name(argument)).to_string(),
            "request" => json!(self.request_id).to_string(),
            "fill" => "x".repeat(argument.parse().expect("a length")),
            "accents" => "é".repeat(argument.parse().expect("a length")),
            "nested" => nested(argument.parse().expect("a depth")),
            "signed" => json!(self.signature(argument)).to_string(),
            "attested" => attestation(&self.gateway.attest(&self.name(argument))).to_string(),
            "blob" => attestation(&self.signed_blob(argument.to_owned())).to_string(),
            _ => self.bad_attestation(word, &self.name(argument)).to_string(),
        }
    }

    fn signature(&self, by: &str) -> String {
        let nonce: Nonce = self.nonce.parse().expect("a challenge was heard");
        match by {
            "desktop" => self.gateway.desktop.sign_base64(nonce.as_bytes()),
            "device" => self.gateway.device.sign_base64(nonce.as_bytes()),
            "stranger" => SecretKey::generate().sign_base64(nonce.as_bytes()),
            "desktop over the digits" => self.gateway.desktop.sign_base64(self.nonce.as_bytes()),
            "desktop over another nonce" => self.gateway.desktop.sign_base64(Nonce::generate().as_bytes()),
            "device over another nonce" => self.gateway.device.sign_base64(Nonce::generate().as_bytes()),
            other => panic!("nobody is called `{other}`"),
        }
    }

    fn signed_blob(&self, blob: String) -> Attestation {
        Attestation { desktop_signature: self.gateway.desktop.sign_base64(blob.as_bytes()), blob }
    }

    fn bad_attestation(&self, fault: &str, device_id: &str) -> Value {
        let (gateway, good) = (self.gateway, self.gateway.attest(device_id));
        let issue = |by: &SecretKey, at| {
            Attestation::issue(by, device_id, &gateway.device.public_key(), at, DEFAULT_VALIDITY)
        };
        attestation(&match fault {
            "altered" => Attestation { blob: good.blob.replace("-of-", "-von-"), ..good },
            "expired" => issue(&gateway.desktop, Timestamp::UNIX_EPOCH),
            "foreign" => issue(&SecretKey::generate(), gateway.now),
            other => panic!("there is no placeholder `{other}`"),
        })
    }
}

fn attestation(attestation: &Attestation) -> Value {
    serde_json::to_value(attestation).expect("two texts are JSON")
}

fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}
