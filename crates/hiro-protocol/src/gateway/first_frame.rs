//! The first frame of a client, read as the gateway reads it: every field checked in a fixed order, so that the same
//! mistake gets the same refusal from every gateway.
//!
//! Signatures are not checked here; that takes the challenge and the desktop's key.

use serde_json::{Map, Value};

use crate::attestation::Attestation;
use crate::gateway::client::AuthResponse;
use crate::gateway::pairing::PairingRequest;
use crate::gateway::refusal::{AuthRefusal, FirstFrameError, MissingPairingField};

/// What a client begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstFrame {
    /// It logs in.
    Auth(AuthResponse),
    /// It asks to be paired.
    Pairing(PairingRequest),
}

impl FirstFrame {
    /// Reads a text frame.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn read(text: &str) -> Result<Self, FirstFrameError> {
        let value: Value = serde_json::from_str(text).map_err(|_| AuthRefusal::InvalidJson)?;
        let Value::Object(frame) = value else { return Err(AuthRefusal::NotAnObject.into()) };
        match non_empty_text(&frame, "type") {
            Some("pairing_request") => Ok(Self::Pairing(pairing_request(&frame)?)),
            Some("auth_response") => Ok(Self::Auth(auth_response(&frame)?)),
            _ => Err(AuthRefusal::NotAnAuthResponse.into()),
        }
    }
}

fn auth_response(frame: &Map<String, Value>) -> Result<AuthResponse, AuthRefusal> {
    match non_empty_text(frame, "auth_mode").ok_or(AuthRefusal::ModeRequired)? {
        "desktop" => desktop(frame),
        "device" => device(frame),
        mode => Err(AuthRefusal::UnsupportedMode(mode.to_owned())),
    }
}

fn desktop(frame: &Map<String, Value>) -> Result<AuthResponse, AuthRefusal> {
    let device_id = non_empty_text(frame, "device_id").ok_or(AuthRefusal::DesktopIdRequired)?;
    let nonce_signature = nonce_signature(frame).ok_or(AuthRefusal::DesktopSignatureRequired)?;
    Ok(AuthResponse::Desktop {
        device_id: device_id.to_owned(),
        nonce_signature: nonce_signature.to_owned(),
        device_name: device_name(frame),
    })
}

fn device(frame: &Map<String, Value>) -> Result<AuthResponse, AuthRefusal> {
    let attestation =
        frame.get("attestation").and_then(Value::as_object).ok_or(AuthRefusal::AttestationRequired)?;
    let nonce_signature = nonce_signature(frame).ok_or(AuthRefusal::DeviceSignatureRequired)?;
    Ok(AuthResponse::Device {
        attestation: Attestation {
            blob: text_or_empty(attestation, "blob"),
            desktop_signature: text_or_empty(attestation, "desktop_signature"),
        },
        nonce_signature: nonce_signature.to_owned(),
        device_name: device_name(frame),
    })
}

fn pairing_request(frame: &Map<String, Value>) -> Result<PairingRequest, MissingPairingField> {
    let pairing_code = non_empty_text(frame, "pairing_code").ok_or(MissingPairingField::PairingCode)?;
    let device_public_key =
        non_empty_text(frame, "device_public_key").ok_or(MissingPairingField::DevicePublicKey)?;
    Ok(PairingRequest {
        pairing_code: pairing_code.to_owned(),
        device_public_key: device_public_key.to_owned(),
        device_name: device_name(frame),
    })
}

/// Old clients of either kind call it `signature`.
fn nonce_signature(frame: &Map<String, Value>) -> Option<&str> {
    non_empty_text(frame, "nonce_signature").or_else(|| non_empty_text(frame, "signature"))
}

fn device_name(frame: &Map<String, Value>) -> Option<String> {
    non_empty_text(frame, "device_name").map(str::to_owned)
}

fn text_or_empty(object: &Map<String, Value>, key: &str) -> String {
    non_empty_text(object, key).unwrap_or_default().to_owned()
}

fn non_empty_text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{AuthResponse, FirstFrame};

    const REFUSALS: &[(&str, &str)] = &[
        ("", "invalid json"),
        ("{", "invalid json"),
        ("[]", "invalid first message"),
        ("7", "invalid first message"),
        ("{}", "first message must be auth_response"),
        (r#"{"type":"hello"}"#, "first message must be auth_response"),
        (r#"{"type":"auth_response"}"#, "auth_mode is required"),
        (r#"{"type":"auth_response","auth_mode":""}"#, "auth_mode is required"),
        (r#"{"type":"auth_response","auth_mode":"guest"}"#, "unsupported auth_mode: guest"),
        (r#"{"type":"auth_response","auth_mode":"desktop"}"#, "desktop auth requires device_id"),
        (
            r#"{"type":"auth_response","auth_mode":"desktop","device_id":"d"}"#,
            "desktop auth requires nonce_signature",
        ),
        (
            r#"{"type":"auth_response","auth_mode":"device","attestation":"x"}"#,
            "device auth requires attestation object",
        ),
        (
            r#"{"type":"auth_response","auth_mode":"device","attestation":{}}"#,
            "device auth requires nonce_signature",
        ),
        (r#"{"type":"pairing_request"}"#, "pairing_code is required"),
        (r#"{"type":"pairing_request","pairing_code":7}"#, "pairing_code is required"),
        (r#"{"type":"pairing_request","pairing_code":"1"}"#, "device_public_key is required"),
    ];

    #[test]
    fn every_mistake_has_its_own_reason() {
        for (text, reason) in REFUSALS {
            assert_eq!(FirstFrame::read(text).unwrap_err().to_string(), *reason, "{text}");
        }
    }

    #[test]
    fn a_desktop_may_spell_its_signature_the_old_way() {
        for text in [
            r#"{"type":"auth_response","auth_mode":"desktop","device_id":"d","signature":"s"}"#,
            r#"{"type":"auth_response","auth_mode":"desktop","device_id":"d","nonce_signature":"","signature":"s"}"#,
        ] {
            let FirstFrame::Auth(AuthResponse::Desktop { nonce_signature, .. }) =
                FirstFrame::read(text).unwrap()
            else {
                panic!("`{text}` is a desktop's login");
            };
            assert_eq!(nonce_signature, "s");
        }
    }

    #[test]
    fn so_may_a_device() {
        let text = r#"{"type":"auth_response","auth_mode":"device","attestation":{},"signature":"s"}"#;
        let FirstFrame::Auth(AuthResponse::Device { nonce_signature, .. }) = FirstFrame::read(text).unwrap()
        else {
            panic!("`{text}` is a device's login");
        };
        assert_eq!(nonce_signature, "s");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = FirstFrame::read(&text);
        }
    }
}
