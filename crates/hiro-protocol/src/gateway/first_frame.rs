//! The first frame of a client, read as the gateway reads it: every field checked in a fixed order, so that the same
//! mistake gets the same refusal from every gateway.
//!
//! Signatures are not checked here; that takes the challenge and the desktop's key.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::attestation::{Attestation, AttestationError};
use crate::gateway::client::AuthResponse;
use crate::gateway::closing::Closing;
use crate::gateway::pairing::PairingRequest;
use crate::keys::SignatureError;

/// What a client begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FirstFrame {
    /// It logs in.
    Auth(AuthResponse),
    /// It asks to be paired.
    Pairing(PairingRequest),
}

/// Why a first frame leads nowhere.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FirstFrameError {
    /// The login is refused.
    #[error(transparent)]
    Auth(#[from] AuthRefusal),
    /// The pairing request is incomplete.
    #[error(transparent)]
    Pairing(#[from] MissingPairingField),
}

/// Why a login is refused, in the order of the checks.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AuthRefusal {
    /// No frame came in time.
    #[error("auth timeout")]
    Timeout,
    /// The frame is no JSON text.
    #[error("invalid json")]
    InvalidJson,
    /// The frame is no object.
    #[error("invalid first message")]
    NotAnObject,
    /// The frame is of another type.
    #[error("first message must be auth_response")]
    NotAnAuthResponse,
    /// The frame does not say who logs in.
    #[error("auth_mode is required")]
    ModeRequired,
    /// The desktop does not give its name.
    #[error("desktop auth requires device_id")]
    DesktopIdRequired,
    /// The desktop did not sign.
    #[error("desktop auth requires nonce_signature")]
    DesktopSignatureRequired,
    /// The desktop's signature does not hold.
    #[error("desktop signature invalid")]
    DesktopSignatureInvalid(#[source] SignatureError),
    /// The device shows no attestation.
    #[error("device auth requires attestation object")]
    AttestationRequired,
    /// The device did not sign.
    #[error("device auth requires nonce_signature")]
    DeviceSignatureRequired,
    /// The attestation proves nothing.
    #[error(transparent)]
    Attestation(#[from] AttestationError),
    /// The device's signature does not hold, or the attested key is none.
    #[error("device nonce signature invalid")]
    DeviceSignatureInvalid(#[source] SignatureError),
    /// Nobody logs in that way.
    #[error("unsupported auth_mode: {0}")]
    UnsupportedMode(String),
}

/// The field that a pairing request lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MissingPairingField {
    /// The digits that the person read.
    #[error("pairing_code is required")]
    PairingCode,
    /// The client's key.
    #[error("device_public_key is required")]
    DevicePublicKey,
}

impl AuthRefusal {
    /// Whether somebody failed to log in as the desktop, which the gateway's state file tells.
    pub fn concerns_desktop(&self) -> bool {
        matches!(
            self,
            Self::DesktopIdRequired | Self::DesktopSignatureRequired | Self::DesktopSignatureInvalid(_)
        )
    }
}

impl From<&FirstFrameError> for Closing {
    fn from(error: &FirstFrameError) -> Self {
        match error {
            FirstFrameError::Auth(refusal) => refusal.into(),
            FirstFrameError::Pairing(field) => Self::PairingFieldMissing(*field),
        }
    }
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
    let nonce_signature = non_empty_text(frame, "nonce_signature")
        .or_else(|| non_empty_text(frame, "signature"))
        .ok_or(AuthRefusal::DesktopSignatureRequired)?;
    Ok(AuthResponse::Desktop {
        device_id: device_id.to_owned(),
        nonce_signature: nonce_signature.to_owned(),
        device_name: device_name(frame),
    })
}

fn device(frame: &Map<String, Value>) -> Result<AuthResponse, AuthRefusal> {
    let attestation =
        frame.get("attestation").and_then(Value::as_object).ok_or(AuthRefusal::AttestationRequired)?;
    let nonce_signature =
        non_empty_text(frame, "nonce_signature").ok_or(AuthRefusal::DeviceSignatureRequired)?;
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

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = FirstFrame::read(&text);
        }
    }
}
