//! Pairing through the gateway: the client asks, the newest desktop is asked, its answer goes back, and whatever either of
//! them does in the middle hurts nobody.

use super::{case, closed, desktop, device, hears, is_in, leaves, opens, says};
use crate::conversation::{Case, Step};

const REQUEST: &str = r#"{"type":"pairing_request","pairing_code":"123456","device_public_key":"k"}"#;
const ASKED: &str =
    r#"{"type":"pairing_request","request_id":"24 digits","pairing_code":"123456","device_public_key":"k"}"#;
const PENDING: &str = r#"{"type":"pairing_pending","request_id":"24 digits"}"#;

/// What is missing, the frame, and the reason.
const MISSING: [(&str, &str, &str); 6] = [
    (
        "a pairing without a code",
        r#"{"type":"pairing_request","device_public_key":"k"}"#,
        "pairing_code is required",
    ),
    (
        "a pairing with an empty code",
        r#"{"type":"pairing_request","pairing_code":"","device_public_key":"k"}"#,
        "pairing_code is required",
    ),
    (
        "a pairing with a number for a code",
        r#"{"type":"pairing_request","pairing_code":123456,"device_public_key":"k"}"#,
        "pairing_code is required",
    ),
    (
        "a pairing without a key",
        r#"{"type":"pairing_request","pairing_code":"1"}"#,
        "device_public_key is required",
    ),
    (
        "a pairing with an empty key",
        r#"{"type":"pairing_request","pairing_code":"1","device_public_key":""}"#,
        "device_public_key is required",
    ),
    (
        "a pairing with an object for a key",
        r#"{"type":"pairing_request","pairing_code":"1","device_public_key":{}}"#,
        "device_public_key is required",
    ),
];

/// The desktop's answer (without its frame's name and the request's), and what the client gets.
const ANSWERS: [(&str, &str, &str); 7] = [
    (
        "an approval with everything",
        r#""status":"approved","device_id":"mobile-1","attestation":{"blob":"b","desktop_signature":"s"}"#,
        r#""status":"approved","device_id":"mobile-1","attestation":{"blob":"b","desktop_signature":"s"}"#,
    ),
    ("an approval and nothing else", r#""status":"approved""#, r#""status":"approved""#),
    (
        "an approval with wrong types",
        r#""status":"approved","device_id":7,"attestation":"a""#,
        r#""status":"approved""#,
    ),
    (
        "an approval with more than is needed",
        r#""status":"approved","device_id":"","reason":"r","secret":1"#,
        r#""status":"approved""#,
    ),
    (
        "a rejection with a reason",
        r#""status":"rejected","reason":"no","device_id":"d""#,
        r#""status":"rejected","reason":"no""#,
    ),
    ("a rejection without a reason", r#""status":"rejected""#, r#""status":"rejected","reason":"rejected""#),
    (
        "a rejection with a number for a reason",
        r#""status":"rejected","reason":7"#,
        r#""status":"rejected","reason":"rejected""#,
    ),
];

/// Frames of a desktop that answer nothing.
const NO_ANSWERS: [(&str, &str); 6] = [
    ("no request is named", r#"{"type":"pairing_response","status":"approved"}"#),
    (
        "an unknown request is named",
        r#"{"type":"pairing_response","request_id":"000000000000000000000000","status":"approved"}"#,
    ),
    ("the request is named by a number", r#"{"type":"pairing_response","request_id":7,"status":"approved"}"#),
    ("the status is missing", r#"{"type":"pairing_response","request_id":<request>}"#),
    ("the status is unknown", r#"{"type":"pairing_response","request_id":<request>,"status":"maybe"}"#),
    ("the status is of another type", r#"{"type":"pairing_response","request_id":<request>,"status":{}}"#),
];

pub(super) fn cases() -> Vec<Case> {
    let missing = MISSING
        .map(|(name, frame, reason)| case(name, [opens("b"), says("b", frame), closed("b", 4004, reason)]));
    let answers = ANSWERS.map(|(name, answer, outcome)| {
        case(name, [desktop("a"), asks("b", "a"), answered("a", "b", answer, outcome), is_in("a")])
    });
    let no_answers = NO_ANSWERS.map(|(name, frame)| {
        let ends = answered("a", "b", r#""status":"approved""#, r#""status":"approved""#);
        case(name, [desktop("a"), asks("b", "a"), says("a", frame), is_in("a"), ends])
    });
    let tables = missing.into_iter().chain(answers).chain(no_answers);
    tables.chain(in_the_middle()).chain(several_desktops()).collect()
}

fn in_the_middle() -> Vec<Case> {
    let rejected = r#""status":"rejected","reason":"no""#;
    vec![
        case("a pairing without a desktop", {
            [device("a"), opens("b"), says("b", REQUEST), closed("b", 4006, "desktop not connected")]
        }),
        case("a pairing with a display name", {
            let named = |frame: &str| frame.replace('}', r#","device_name":"Ada's phone"}"#);
            let asked =
                [opens("b"), says("b", named(REQUEST)), hears("a", named(ASKED)), hears("b", PENDING)];
            [desktop("a"), asked.concat(), answered("a", "b", rejected, rejected)]
        }),
        case("a pairing with a display name of another type", {
            let request = REQUEST.replace('}', r#","device_name":{"x":1}}"#);
            let asked = [opens("b"), says("b", request), hears("a", ASKED), hears("b", PENDING)];
            [desktop("a"), asked.concat(), answered("a", "b", rejected, rejected)]
        }),
        case("what a client says while it waits is nobody's", {
            let noise =
                [says("b", r#"{"target_device_id":<id a>}"#), says("b", "x"), says("b", REQUEST)].concat();
            [
                desktop("a"),
                asks("b", "a"),
                noise,
                is_in("a"),
                answered("a", "b", rejected, rejected),
                is_in("a"),
            ]
        }),
        case("a client that leaves in the middle costs the desktop nothing", {
            let answer = r#"{"type":"pairing_response","request_id":<request>,"status":"approved"}"#;
            [desktop("a"), asks("b", "a"), leaves("b"), says("a", answer), is_in("a")]
        }),
        case("a request is answered once", {
            let again =
                says("a", r#"{"type":"pairing_response","request_id":<request>,"status":"rejected"}"#);
            [desktop("a"), asks("b", "a"), answered("a", "b", rejected, rejected), again, is_in("a")]
        }),
        case("an answer from a device is a frame like any other", {
            let answer = r#"{"type":"pairing_response","request_id":<request>,"status":"approved"}"#;
            let heard =
                answer.replace("<request>", r#""24 digits""#).replace('}', r#","sender_device_id":<id c>}"#);
            let asked = [desktop("a"), device("c"), asks("b", "a")].concat();
            [asked, says("c", answer), hears("a", heard), answered("a", "b", rejected, rejected)]
        }),
    ]
}

fn several_desktops() -> Vec<Case> {
    let rejected = r#""status":"rejected","reason":"no""#;
    vec![
        case("the newest desktop is asked", {
            [desktop("a"), desktop("c"), asks("b", "c"), is_in("a"), answered("c", "b", rejected, rejected)]
        }),
        case("any desktop may answer", {
            [desktop("a"), desktop("c"), asks("b", "c"), answered("a", "b", rejected, rejected)]
        }),
        case("an older desktop that leaves changes nothing", {
            [desktop("a"), desktop("c"), leaves("a"), asks("b", "c"), answered("c", "b", rejected, rejected)]
        }),
    ]
}

/// `client` asks, and `desktop` is asked.
fn asks(client: &'static str, desktop: &'static str) -> Vec<Step> {
    [opens(client), says(client, REQUEST), hears(desktop, ASKED), hears(client, PENDING)].concat()
}

fn answered(desktop: &'static str, client: &'static str, answer: &str, outcome: &str) -> Vec<Step> {
    let answer = format!(r#"{{"type":"pairing_response","request_id":<request>,{answer}}}"#);
    let outcome = format!(r#"{{"type":"pairing_response",{outcome}}}"#);
    [says(desktop, answer), hears(client, outcome), closed(client, 1000, "pairing complete")].concat()
}
