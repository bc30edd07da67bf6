//! Pairing: what an unpaired client asks, and what the desktop answers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::nonce::lower_hex;

/// A name for a pairing request that no other one has: 24 lower-case hexadecimal digits.
///
/// # Panics
/// When the operating system has no randomness to give.
pub fn new_request_id() -> String {
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    lower_hex(&bytes)
}

/// What an unpaired client asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairingRequest {
    /// The digits that the person read on the desktop. The desktop checks them, not the gateway.
    pub pairing_code: String,
    /// The client's public key.
    pub device_public_key: String,
    /// A name for people to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
}

/// The desktop's answer to one request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairingAnswer {
    /// The request that is answered.
    pub request_id: String,
    /// The answer.
    #[serde(flatten)]
    pub outcome: PairingOutcome,
}

/// How a pairing ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[non_exhaustive]
pub enum PairingOutcome {
    /// The client is a device from now on.
    Approved {
        /// The statement that the device shows when it logs in, as the desktop wrote it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attestation: Option<Map<String, Value>>,
        /// The device's name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device_id: Option<String>,
    },
    /// The client stays outside.
    Rejected {
        /// Why.
        reason: String,
    },
}

impl PairingAnswer {
    /// Reads a desktop's frame as the gateway does: what does not fit its field is as good as absent.
    ///
    /// `None` when the frame names no request or has a status that nobody knows.
    pub fn read(frame: &Map<String, Value>) -> Option<Self> {
        let text = |key| frame.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let outcome = match text("status")? {
            "approved" => PairingOutcome::Approved {
                attestation: frame.get("attestation").and_then(Value::as_object).cloned(),
                device_id: text("device_id").map(str::to_owned),
            },
            "rejected" => {
                PairingOutcome::Rejected { reason: text("reason").unwrap_or("rejected").to_owned() }
            }
            _ => return None,
        };
        Some(Self { request_id: text("request_id")?.to_owned(), outcome })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{PairingAnswer, PairingOutcome};

    fn read(frame: &Value) -> Option<PairingAnswer> {
        PairingAnswer::read(frame.as_object().unwrap())
    }

    #[test]
    fn an_approval_carries_only_an_object_and_a_non_empty_text() {
        let frame = json!({"request_id": "ab", "status": "approved", "attestation": [], "device_id": ""});
        let outcome = read(&frame).unwrap().outcome;
        assert_eq!(outcome, PairingOutcome::Approved { attestation: None, device_id: None });
    }

    #[test]
    fn a_rejection_without_a_reason_says_rejected() {
        for frame in [
            json!({"request_id": "ab", "status": "rejected"}),
            json!({"request_id": "ab", "status": "rejected", "reason": 7}),
        ] {
            let outcome = read(&frame).unwrap().outcome;
            assert_eq!(outcome, PairingOutcome::Rejected { reason: "rejected".to_owned() });
        }
    }

    #[test]
    fn an_answer_without_a_request_or_with_a_strange_status_is_none() {
        for frame in [
            json!({"status": "approved"}),
            json!({"request_id": 7, "status": "approved"}),
            json!({"request_id": "ab"}),
            json!({"request_id": "ab", "status": "maybe"}),
        ] {
            assert_eq!(read(&frame), None, "{frame}");
        }
    }
}
