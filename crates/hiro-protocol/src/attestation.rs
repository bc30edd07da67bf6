//! What a paired device shows to prove that the desktop knows it: a text about the device, signed by the desktop.
//!
//! The signature covers the text exactly as it travels, so any spacing verifies. The texts of
//! [`AttestationError`] are the reasons that a gateway closes a connection with, in the order of the checks.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::iso_time;
use crate::keys::{PublicKey, SecretKey, SignatureError};

/// How long an attestation holds unless a workspace says otherwise.
pub const DEFAULT_VALIDITY: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A signed statement about one device.
///
/// ```
/// use hiro_protocol::attestation::{Attestation, DEFAULT_VALIDITY};
/// use hiro_protocol::keys::SecretKey;
/// use jiff::Timestamp;
///
/// let (desktop, device) = (SecretKey::generate(), SecretKey::generate());
/// let now = Timestamp::UNIX_EPOCH;
/// let attestation = Attestation::issue(&desktop, "mobile-1", &device.public_key(), now, DEFAULT_VALIDITY);
/// let claims = attestation.verify(&desktop.public_key(), now)?;
/// assert_eq!(claims.device_id, "mobile-1");
/// # Ok::<(), hiro_protocol::attestation::AttestationError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    /// JSON text with the [`Claims`].
    pub blob: String,
    /// The desktop's signature over the UTF-8 bytes of `blob`, in base64.
    pub desktop_signature: String,
}

/// What the desktop states of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The name under which the device is known.
    pub device_id: String,
    /// The device's public key as it stands in the text: only its use shows whether it is one.
    pub device_public_key: String,
    /// When the statement was made; absent when the text doesn't say or says it unreadably.
    pub issued_at: Option<Timestamp>,
    /// From when on the statement no longer holds.
    pub expires_at: Timestamp,
}

/// Why an attestation proves nothing.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AttestationError {
    /// There is no text.
    #[error("attestation.blob is required")]
    BlobRequired,
    /// There is no signature.
    #[error("attestation.desktop_signature is required")]
    SignatureRequired,
    /// The desktop did not sign this text.
    #[error("attestation signature invalid")]
    SignatureInvalid(#[source] SignatureError),
    /// The text is no JSON object.
    #[error("attestation blob is not valid JSON")]
    BlobInvalid(#[source] serde_json::Error),
    /// The text does not name the device.
    #[error("attestation missing device_id")]
    DeviceIdMissing,
    /// The text does not give the device's key.
    #[error("attestation missing device_public_key")]
    DevicePublicKeyMissing,
    /// The text does not say when it expires.
    #[error("attestation missing expires_at")]
    ExpiresAtMissing,
    /// The time of expiry is unreadable or has no offset.
    #[error("attestation expires_at invalid")]
    ExpiresAtInvalid,
    /// The attestation has run out.
    #[error("attestation expired")]
    Expired,
}

/// The text as it is issued: the fields stand in alphabetical order, as the Python packages sort them.
#[derive(Serialize)]
struct IssuedBlob<'a> {
    device_id: &'a str,
    device_public_key: String,
    expires_at: String,
    issued_at: String,
}

impl Attestation {
    /// States, in the desktop's name, that `device_public_key` is the key of `device_id`.
    ///
    /// An expiry beyond the last moment that a `Timestamp` can hold becomes that moment.
    ///
    /// # Panics
    /// Never: a blob of four texts can always be written.
    pub fn issue(
        desktop: &SecretKey,
        device_id: &str,
        device_public_key: &PublicKey,
        now: Timestamp,
        valid_for: SignedDuration,
    ) -> Self {
        let expires_at = now.checked_add(valid_for).unwrap_or(Timestamp::MAX);
        let blob = serde_json::to_string(&IssuedBlob {
            device_id,
            device_public_key: device_public_key.to_base64(),
            expires_at: iso_time::format_with_z(expires_at),
            issued_at: iso_time::format_with_z(now),
        })
        .expect("a struct of texts is always JSON");
        let desktop_signature = desktop.sign_base64(blob.as_bytes());
        Self { blob, desktop_signature }
    }

    /// What the desktop states, provided that it signed it and that it still holds at `now`.
    ///
    /// # Errors
    /// The first check that fails, in the order of the variants of [`AttestationError`].
    pub fn verify(&self, desktop: &PublicKey, now: Timestamp) -> Result<Claims, AttestationError> {
        if self.blob.is_empty() {
            return Err(AttestationError::BlobRequired);
        }
        if self.desktop_signature.is_empty() {
            return Err(AttestationError::SignatureRequired);
        }
        desktop
            .verify_base64(self.blob.as_bytes(), &self.desktop_signature)
            .map_err(AttestationError::SignatureInvalid)?;
        let blob: Map<String, Value> =
            serde_json::from_str(&self.blob).map_err(AttestationError::BlobInvalid)?;
        let claims = Claims::read(&blob)?;
        if claims.expires_at > now { Ok(claims) } else { Err(AttestationError::Expired) }
    }
}

impl Claims {
    fn read(blob: &Map<String, Value>) -> Result<Self, AttestationError> {
        let text = |key| blob.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let device_id = text("device_id").ok_or(AttestationError::DeviceIdMissing)?;
        let device_public_key = text("device_public_key").ok_or(AttestationError::DevicePublicKeyMissing)?;
        let expires_at = text("expires_at").ok_or(AttestationError::ExpiresAtMissing)?;
        Ok(Self {
            device_id: device_id.to_owned(),
            device_public_key: device_public_key.to_owned(),
            issued_at: text("issued_at").and_then(iso_time::parse),
            expires_at: iso_time::parse(expires_at).ok_or(AttestationError::ExpiresAtInvalid)?,
        })
    }

    /// Whether the device itself signed `message`.
    ///
    /// # Errors
    /// Why the signature does not hold; [`SignatureError::Key`] when the attested key is none.
    pub fn verify_device_signature(&self, message: &[u8], signature: &str) -> Result<(), SignatureError> {
        PublicKey::from_base64(&self.device_public_key)
            .map_err(SignatureError::Key)?
            .verify_base64(message, signature)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::{any, proptest};
    use serde_json::{Value, json};

    use super::{Attestation, AttestationError, Claims, DEFAULT_VALIDITY};
    use crate::keys::{PublicKey, SecretKey};

    fn now() -> Timestamp {
        "2026-01-02T03:04:05.5Z".parse().unwrap()
    }

    fn verify_signed(blob: &str) -> Result<Claims, AttestationError> {
        let desktop = SecretKey::generate();
        let desktop_signature = desktop.sign_base64(blob.as_bytes());
        Attestation { blob: blob.to_owned(), desktop_signature }.verify(&desktop.public_key(), now())
    }

    fn reason(blob: &Value) -> String {
        verify_signed(&blob.to_string()).unwrap_err().to_string()
    }

    #[test]
    fn an_issued_blob_is_compact_sorted_and_in_microseconds() {
        let (desktop, device) = (SecretKey::generate(), SecretKey::generate());
        let issued = Attestation::issue(&desktop, "mobile-é", &device.public_key(), now(), DEFAULT_VALIDITY);
        let key = device.public_key().to_base64();
        let expected = format!(
            r#"{{"device_id":"mobile-é","device_public_key":"{key}","expires_at":"2026-02-01T03:04:05.500000Z","issued_at":"2026-01-02T03:04:05.500000Z"}}"#
        );
        assert_eq!(issued.blob, expected);
    }

    #[test]
    fn an_issued_attestation_verifies_until_the_moment_it_expires() {
        let desktop = SecretKey::generate();
        let issued = Attestation::issue(&desktop, "mobile-1", &desktop.public_key(), now(), DEFAULT_VALIDITY);
        let claims = issued.verify(&desktop.public_key(), now()).unwrap();
        assert_eq!(claims.device_id, "mobile-1");
        assert_eq!(claims.issued_at, Some(now()));
        let refused = issued.verify(&desktop.public_key(), claims.expires_at);
        assert!(matches!(refused, Err(AttestationError::Expired)));
    }

    /// Signed by Python's `cryptography`, the desktop's seed being 32 bytes 0x07 and the device's 32 bytes 0x08.
    const PYTHON_ATTESTATION: &str = r#"{"blob":"{\"device_id\":\"mobile-0123456789ab\",\"device_public_key\":\"E5j2LG0aRXxRumpLXz29L2n8qTIWIY3ImX5Ba9F9k8o=\",\"expires_at\":\"2026-02-01T03:04:05.123456Z\",\"issued_at\":\"2026-01-02T03:04:05.123456Z\"}","desktop_signature":"HlCyU++Vwlm3hR/XZXTTwK8toAIdzaUEml2ReHAZ9ai1hvcCmJif1ILM48CHXUQ0eOidzlJQd7SzEDW/ZYvsBg=="}"#;
    const PYTHON_DESKTOP: &str = "6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=";
    const PYTHON_DEVICE_SIGNATURE_OF_HELLO: &str =
        "FrFVf1/XKRff5++g9dUgucwIoKblz2JzRe4EONFCAQoGmyNnkX7PdyWRteQavN8ttu2+0A78JABd+dfoZjAyDw==";

    #[test]
    fn an_attestation_that_python_issued_verifies() {
        let attestation: Attestation = serde_json::from_str(PYTHON_ATTESTATION).unwrap();
        let desktop = PublicKey::from_base64(PYTHON_DESKTOP).unwrap();
        let claims = attestation.verify(&desktop, now()).unwrap();
        assert_eq!(claims.device_id, "mobile-0123456789ab");
        claims.verify_device_signature(b"hello", PYTHON_DEVICE_SIGNATURE_OF_HELLO).unwrap();
    }

    #[test]
    fn any_spacing_and_any_further_key_verify() {
        let blob = "{ \"device_public_key\" : \"k\",\n \"x\": [1], \"expires_at\":\"2027-01-01 00:00+00:00\", \"device_id\":\"d\" }";
        let claims = verify_signed(blob).unwrap();
        assert_eq!((claims.device_id.as_str(), claims.issued_at), ("d", None));
    }

    #[test]
    fn a_changed_blob_is_refused() {
        let desktop = SecretKey::generate();
        let mut issued =
            Attestation::issue(&desktop, "mobile-1", &desktop.public_key(), now(), DEFAULT_VALIDITY);
        issued.blob.push(' ');
        let refused = issued.verify(&desktop.public_key(), now()).unwrap_err();
        assert_eq!(refused.to_string(), "attestation signature invalid");
    }

    #[test]
    fn what_is_missing_is_named_in_the_order_of_the_checks() {
        let desktop = SecretKey::generate().public_key();
        let check = |blob: &str, signature: &str| {
            Attestation { blob: blob.to_owned(), desktop_signature: signature.to_owned() }
                .verify(&desktop, now())
                .unwrap_err()
                .to_string()
        };
        assert_eq!(check("", ""), "attestation.blob is required");
        assert_eq!(check("{}", ""), "attestation.desktop_signature is required");
        assert_eq!(check("{}", "%"), "attestation signature invalid");
        assert_eq!(reason(&json!({})), "attestation missing device_id");
        assert_eq!(reason(&json!({"device_id": "d"})), "attestation missing device_public_key");
        let mut blob = json!({"device_id": "d", "device_public_key": "k"});
        assert_eq!(reason(&blob), "attestation missing expires_at");
        blob["expires_at"] = "2026-01-02T03:04:06".into();
        assert_eq!(reason(&blob), "attestation expires_at invalid");
        blob["expires_at"] = "2026-01-02T03:04:05Z".into();
        assert_eq!(reason(&blob), "attestation expired");
    }

    #[test]
    fn a_signed_blob_that_is_no_object_is_refused_as_no_json() {
        for blob in ["[]", "7", "null", "\"text\"", "{", "[[[[", "\u{feff}{}"] {
            let reason = verify_signed(blob).unwrap_err().to_string();
            assert_eq!(reason, "attestation blob is not valid JSON", "`{blob}`");
        }
    }

    proptest! {
        #[test]
        fn no_blob_makes_the_check_panic(blob in any::<String>(), times in "[0-9TWZ:+-]{0,25}") {
            let _ = verify_signed(&blob);
            let signed = json!({"device_id": "d", "device_public_key": blob, "expires_at": times});
            let _ = verify_signed(&signed.to_string());
        }
    }
}
