//! Pairing: a device that knows the code of the moment gets an attestation, and a row in the database.
//!
//! The code works once, and not for ever: neither in time nor in wrong guesses.

mod wrong_codes;

use std::sync::PoisonError;

use hiro_protocol::attestation::Attestation;
use hiro_protocol::gateway::pairing::{PairingAnswer, PairingOutcome};
use hiro_protocol::keys::PublicKey;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub(super) use wrong_codes::WrongCodes;

use super::context::Context;
use crate::Error;
use crate::database::Device;
use crate::workspace::PairingSession;

/// Why a device is not paired, in the words of the protocol.
type Rejection = &'static str;

/// Decides on a pairing request that came through the gateway. None when the request can't be answered at all.
pub(super) async fn answer(context: &Context, request: &Map<String, Value>) -> Option<PairingAnswer> {
    let request_id = text(request, "request_id")?.to_owned();
    let outcome = match pair(context, request).await {
        Ok((device_id, attestation)) => PairingOutcome::Approved {
            attestation: Some(Map::from_iter([
                ("blob".to_owned(), json!(attestation.blob)),
                ("desktop_signature".to_owned(), json!(attestation.desktop_signature)),
            ])),
            device_id: Some(device_id),
        },
        Err(reason) => {
            tracing::warn!(reason, "rejecting a pairing request");
            PairingOutcome::Rejected { reason: reason.to_owned() }
        }
    };
    Some(PairingAnswer { request_id, outcome })
}

async fn pair(context: &Context, request: &Map<String, Value>) -> Result<(String, Attestation), Rejection> {
    let code = text(request, "pairing_code").ok_or("invalid_pairing_code")?;
    let key = text(request, "device_public_key").and_then(|key| PublicKey::from_base64(key).ok());
    let key = key.ok_or("invalid_device_public_key")?;
    let now = Timestamp::now();
    use_up_session(context, code, now)?;
    let lifetime = lifetime(context.config.attestation_expires_days);
    let device = Device {
        device_id: fresh_device_id(),
        device_public_key: key.to_base64(),
        paired_at: now,
        expires_at: now.checked_add(lifetime).ok(),
        metadata: Map::from_iter([("source".to_owned(), json!("gateway_pairing"))]),
        device_name: text(request, "device_name").map(str::to_owned),
    };
    let device_id = device.device_id.clone();
    let inserted = context.with_database(move |database| database.insert_device(&device)).await;
    inserted.map_err(|error| unavailable(&error))?;
    let attestation = Attestation::issue(&context.secret_key, &device_id, &key, now, lifetime);
    Ok((device_id, attestation))
}

/// Ends the session whose code was given. It ends before the device is entered, so that no code ever works twice.
fn use_up_session(context: &Context, code: &str, now: Timestamp) -> Result<(), Rejection> {
    let session = PairingSession::load(&context.workspace, now).map_err(|error| unavailable(&error))?;
    let session = session.ok_or("no_active_pairing_session")?;
    if session.code != code {
        let mut wrong_codes = context.wrong_codes.lock().unwrap_or_else(PoisonError::into_inner);
        if wrong_codes.count(&session) {
            tracing::warn!("too many wrong pairing codes, ending the pairing session");
            PairingSession::clear(&context.workspace).map_err(|error| unavailable(&error))?;
        }
        return Err("pairing_code_invalid_or_expired");
    }
    PairingSession::clear(&context.workspace).map_err(|error| unavailable(&error))
}

fn unavailable(error: &Error) -> Rejection {
    tracing::error!(%error, "can't pair a device");
    "no_active_pairing_session"
}

fn lifetime(days: u32) -> SignedDuration {
    SignedDuration::from_hours(i64::from(days) * 24)
}

fn fresh_device_id() -> String {
    let random = Uuid::new_v4().simple().to_string();
    format!("mobile-{}", &random[..12])
}

fn text<'a>(request: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    request.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}
