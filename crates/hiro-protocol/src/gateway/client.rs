//! The frames that a peer sends to the gateway itself.

use serde::{Deserialize, Serialize};

use crate::attestation::Attestation;
use crate::gateway::pairing::{PairingAnswer, PairingRequest};

/// A frame from a peer to the gateway, as a peer writes it. The gateway reads the first one more leniently, through
/// [`crate::gateway::first_frame::FirstFrame`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClientFrame {
    /// The answer to the challenge.
    AuthResponse(AuthResponse),
    /// An unpaired client asks to be paired.
    PairingRequest(PairingRequest),
    /// The desktop answers a pairing request.
    PairingResponse(PairingAnswer),
}

/// The proof that a peer is who it says it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "auth_mode", rename_all = "snake_case")]
pub enum AuthResponse {
    /// A server that holds the desktop's key.
    Desktop {
        /// The name that it wants.
        device_id: String,
        /// The desktop's signature over the challenge.
        nonce_signature: String,
        /// A name for people to read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device_name: Option<String>,
    },
    /// A paired device.
    Device {
        /// The desktop's statement about it.
        attestation: Attestation,
        /// The device's signature over the challenge.
        nonce_signature: String,
        /// A name for people to read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device_name: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{AuthResponse, ClientFrame};

    #[test]
    fn a_desktop_login_has_the_keys_of_the_python_packages() {
        let frame = ClientFrame::AuthResponse(AuthResponse::Desktop {
            device_id: "desktop".to_owned(),
            nonce_signature: "c2ln".to_owned(),
            device_name: None,
        });
        let expected = json!({"type": "auth_response", "auth_mode": "desktop", "device_id": "desktop", "nonce_signature": "c2ln"});
        assert_eq!(serde_json::to_value(&frame).unwrap(), expected);
        assert_eq!(serde_json::from_value::<ClientFrame>(expected).unwrap(), frame);
    }
}
