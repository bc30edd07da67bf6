//! Why a client is not let in. The texts are the close reasons, word for word those of the Python package.

use thiserror::Error;

use crate::attestation::AttestationError;
use crate::gateway::closing::Closing;
use crate::keys::SignatureError;

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

impl FirstFrameError {
    /// Whether somebody failed to log in as the desktop, which the gateway's state file tells.
    pub fn concerns_desktop(&self) -> bool {
        use AuthRefusal::{DesktopIdRequired, DesktopSignatureInvalid, DesktopSignatureRequired};

        matches!(self, Self::Auth(DesktopIdRequired | DesktopSignatureRequired | DesktopSignatureInvalid(_)))
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
