//! The one list of cases that every gateway goes through: frames that peers send, and the frames and close codes that they
//! must get for them.

mod login;
mod pairing;
mod refusals;
mod relaying;

use crate::conversation::{Case, Step};

/// All of them.
pub(crate) fn cases() -> Vec<Case> {
    [login::cases(), refusals::cases(), pairing::cases(), relaying::cases()].into_iter().flatten().collect()
}

fn case(name: &'static str, parts: impl IntoIterator<Item = Vec<Step>>) -> Case {
    Case { name, steps: parts.into_iter().flatten().collect() }
}

fn says(peer: &'static str, frame: impl Into<String>) -> Vec<Step> {
    vec![Step::Says(peer, frame.into())]
}

fn says_bytes(peer: &'static str, bytes: impl Into<Vec<u8>>) -> Vec<Step> {
    vec![Step::SaysBytes(peer, bytes.into())]
}

fn hears(peer: &'static str, frame: impl Into<String>) -> Vec<Step> {
    vec![Step::Hears(peer, frame.into())]
}

fn hears_text(peer: &'static str, text: impl Into<String>) -> Vec<Step> {
    vec![Step::HearsText(peer, text.into())]
}

fn noticed(peer: &'static str, frame: impl Into<String>) -> Vec<Step> {
    vec![Step::Noticed(peer, frame.into())]
}

fn closed(peer: &'static str, code: u16, reason: &'static str) -> Vec<Step> {
    vec![Step::Closed(peer, code, reason)]
}

fn leaves(peer: &'static str) -> Vec<Step> {
    vec![Step::Leaves(peer)]
}

/// Connects, and has heard its challenge.
fn opens(peer: &'static str) -> Vec<Step> {
    let challenge = r#"{"type":"auth_challenge","nonce":"64 digits"}"#.to_owned();
    vec![Step::Opens(peer), Step::Hears(peer, challenge)]
}

/// A first frame, and nothing but the welcome that it gets.
fn is_welcomed(peer: &'static str, login: String) -> Vec<Step> {
    let welcome = format!(r#"{{"type":"auth_ok","device_id":<id {peer}>}}"#);
    [opens(peer), says(peer, login), hears(peer, welcome)].concat()
}

/// Is in: what it says to itself comes back, so everything that was said before it has been dealt with.
fn is_in(peer: &'static str) -> Vec<Step> {
    let frame = format!(r#"{{"target_device_id":<id {peer}>,"still":"here"}}"#);
    let back = format!(r#"{{"target_device_id":<id {peer}>,"still":"here","sender_device_id":<id {peer}>}}"#);
    [says(peer, frame), hears(peer, back)].concat()
}

fn desktop_login(peer: &str) -> String {
    format!(
        r#"{{"type":"auth_response","auth_mode":"desktop","device_id":<id {peer}>,"nonce_signature":<signed desktop>}}"#
    )
}

fn device_login(peer: &str) -> String {
    format!(
        r#"{{"type":"auth_response","auth_mode":"device","attestation":<attested {peer}>,"nonce_signature":<signed device>}}"#
    )
}

/// A desktop that is in.
fn desktop(peer: &'static str) -> Vec<Step> {
    [is_welcomed(peer, desktop_login(peer)), is_in(peer)].concat()
}

/// A device that is in.
fn device(peer: &'static str) -> Vec<Step> {
    [is_welcomed(peer, device_login(peer)), is_in(peer)].concat()
}
