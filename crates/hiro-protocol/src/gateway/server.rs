//! The frames that the gateway itself sends.

use serde::{Deserialize, Serialize};

use crate::gateway::pairing::{PairingOutcome, PairingRequest};
use crate::nonce::Nonce;

/// A frame from the gateway to one of its peers.
///
/// ```
/// use hiro_protocol::gateway::server::GatewayFrame;
///
/// let frame = GatewayFrame::AuthOk { device_id: "desktop".to_owned() };
/// assert_eq!(frame.to_json(), r#"{"type":"auth_ok","device_id":"desktop"}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum GatewayFrame {
    /// The first frame of every connection.
    AuthChallenge {
        /// What the peer has to sign.
        nonce: Nonce,
    },
    /// The login succeeded.
    AuthOk {
        /// The peer's name.
        device_id: String,
    },
    /// To the client: its pairing request was passed on.
    PairingPending {
        /// The request's name.
        request_id: String,
    },
    /// To the newest desktop: a client asks to be paired.
    PairingRequest {
        /// The request's name, which the answer has to repeat.
        request_id: String,
        /// What the client sent.
        #[serde(flatten)]
        request: PairingRequest,
    },
    /// To the client: the desktop's answer, without the request's name.
    PairingResponse(PairingOutcome),
    /// To the newest desktop: a device has joined.
    DeviceConnected {
        /// The device's name.
        device_id: String,
        /// A name for people to read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device_name: Option<String>,
    },
    /// To the newest desktop: a device has left.
    DeviceDisconnected {
        /// The device's name.
        device_id: String,
        /// A name for people to read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device_name: Option<String>,
    },
}

impl GatewayFrame {
    /// The frame as compact JSON text.
    ///
    /// # Panics
    /// Never: every frame is a JSON object with text keys.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a frame is an object with text keys")
    }
}

#[cfg(test)]
mod tests {
    use super::GatewayFrame;
    use crate::gateway::pairing::{PairingOutcome, PairingRequest};
    use crate::nonce::Nonce;

    #[test]
    fn the_challenge_has_exactly_type_and_nonce() {
        let json = GatewayFrame::AuthChallenge { nonce: Nonce::from([1; 32]) }.to_json();
        assert_eq!(json, format!(r#"{{"type":"auth_challenge","nonce":"{}"}}"#, "01".repeat(32)));
    }

    #[test]
    fn a_forwarded_pairing_request_has_the_name_of_the_request_and_what_the_client_sent() {
        let request = PairingRequest {
            pairing_code: "123456".to_owned(),
            device_public_key: "key".to_owned(),
            device_name: None,
        };
        let frame = GatewayFrame::PairingRequest { request_id: "ab".to_owned(), request };
        let expected = r#"{"type":"pairing_request","request_id":"ab","pairing_code":"123456","device_public_key":"key"}"#;
        assert_eq!(frame.to_json(), expected);
        assert_eq!(serde_json::from_str::<GatewayFrame>(expected).unwrap(), frame);
    }

    #[test]
    fn a_rejection_tells_the_client_why_and_not_which_request() {
        let outcome = PairingOutcome::Rejected { reason: "no".to_owned() };
        let json = GatewayFrame::PairingResponse(outcome).to_json();
        assert_eq!(json, r#"{"type":"pairing_response","status":"rejected","reason":"no"}"#);
    }
}
