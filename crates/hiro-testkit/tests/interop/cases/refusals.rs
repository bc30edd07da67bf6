//! First frames that let nobody in: each gets its close code and its reason, and whoever is in notices nothing.

use super::{case, closed, desktop, is_in, opens, says, says_bytes};
use crate::conversation::Case;

/// A first frame and the reason that it is refused with.
const REFUSALS: [(&str, &str, &str); 48] = [
    ("no JSON", "hello", "invalid json"),
    ("no text", "", "invalid json"),
    ("half an object", r#"{"type":"auth_response""#, "invalid json"),
    ("an array", "[]", "invalid first message"),
    ("a number", "7", "invalid first message"),
    ("a string", r#""auth_response""#, "invalid first message"),
    ("null", "null", "invalid first message"),
    ("nesting without end", "<nested 100000>", "invalid json"),
    ("an empty object", "{}", "first message must be auth_response"),
    ("a type of another type", r#"{"type":7}"#, "first message must be auth_response"),
    (
        "an answer to a pairing",
        r#"{"type":"pairing_response","request_id":"1","status":"approved"}"#,
        "first message must be auth_response",
    ),
    ("no mode", r#"{"type":"auth_response"}"#, "auth_mode is required"),
    (
        "a mode of another type",
        r#"{"type":"auth_response","auth_mode":["desktop"]}"#,
        "auth_mode is required",
    ),
    ("an unknown mode", r#"{"type":"auth_response","auth_mode":"root"}"#, "unsupported auth_mode: root"),
    ("an empty mode", r#"{"type":"auth_response","auth_mode":""}"#, "auth_mode is required"),
    (
        "a long mode",
        r#"{"type":"auth_response","auth_mode":"<fill 500>"}"#,
        "unsupported auth_mode: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ),
    (
        "a long mode beyond ASCII",
        r#"{"type":"auth_response","auth_mode":"<accents 500>"}"#,
        "unsupported auth_mode: éééééééééééééééééééééééééééééééééééééééééééééééééé",
    ),
    (
        "no desktop id",
        r#"{"type":"auth_response","auth_mode":"desktop","nonce_signature":<signed desktop>}"#,
        "desktop auth requires device_id",
    ),
    (
        "an empty desktop id",
        r#"{"type":"auth_response","auth_mode":"desktop","device_id":"","nonce_signature":<signed desktop>}"#,
        "desktop auth requires device_id",
    ),
    (
        "a desktop id of another type",
        r#"{"type":"auth_response","auth_mode":"desktop","device_id":7,"nonce_signature":<signed desktop>}"#,
        "desktop auth requires device_id",
    ),
    (
        "no desktop signature",
        r#"{"type":"auth_response","auth_mode":"desktop","device_id":<id x>}"#,
        "desktop auth requires nonce_signature",
    ),
    (
        "an empty desktop signature",
        r#"{"type":"auth_response","auth_mode":"desktop","device_id":<id x>,"nonce_signature":""}"#,
        "desktop auth requires nonce_signature",
    ),
    (
        "a desktop signature that is no base64",
        r#"{"type":"auth_response","auth_mode":"desktop","device_id":<id x>,"nonce_signature":"%"}"#,
        "desktop signature invalid",
    ),
    (
        "a desktop signature that is too short",
        r#"{"type":"auth_response","auth_mode":"desktop","device_id":<id x>,"nonce_signature":"AAAA"}"#,
        "desktop signature invalid",
    ),
    (
        "a desktop signature by somebody else",
        r#"{"type":"auth_response","auth_mode":"desktop","device_id":<id x>,"nonce_signature":<signed stranger>}"#,
        "desktop signature invalid",
    ),
    (
        "a desktop signature of an earlier challenge",
        r#"{"type":"auth_response","auth_mode":"desktop","device_id":<id x>,"nonce_signature":<signed desktop over another nonce>}"#,
        "desktop signature invalid",
    ),
    (
        "a desktop signature over the digits",
        r#"{"type":"auth_response","auth_mode":"desktop","device_id":<id x>,"nonce_signature":<signed desktop over the digits>}"#,
        "desktop signature invalid",
    ),
    (
        "no attestation",
        r#"{"type":"auth_response","auth_mode":"device","nonce_signature":<signed device>}"#,
        "device auth requires attestation object",
    ),
    (
        "an attestation that is text",
        r#"{"type":"auth_response","auth_mode":"device","attestation":"a","nonce_signature":<signed device>}"#,
        "device auth requires attestation object",
    ),
    (
        "no device signature",
        r#"{"type":"auth_response","auth_mode":"device","attestation":<attested x>}"#,
        "device auth requires nonce_signature",
    ),
    (
        "an attestation without a blob",
        r#"{"type":"auth_response","auth_mode":"device","attestation":{},"nonce_signature":<signed device>}"#,
        "attestation.blob is required",
    ),
    (
        "a blob that is no text",
        r#"{"type":"auth_response","auth_mode":"device","attestation":{"blob":{}},"nonce_signature":<signed device>}"#,
        "attestation.blob is required",
    ),
    (
        "an attestation that nobody signed",
        r#"{"type":"auth_response","auth_mode":"device","attestation":{"blob":"{}"},"nonce_signature":<signed device>}"#,
        "attestation.desktop_signature is required",
    ),
    (
        "an altered attestation",
        r#"{"type":"auth_response","auth_mode":"device","attestation":<altered x>,"nonce_signature":<signed device>}"#,
        "attestation signature invalid",
    ),
    (
        "an attestation by somebody else",
        r#"{"type":"auth_response","auth_mode":"device","attestation":<foreign x>,"nonce_signature":<signed device>}"#,
        "attestation signature invalid",
    ),
    (
        "an expired attestation",
        r#"{"type":"auth_response","auth_mode":"device","attestation":<expired x>,"nonce_signature":<signed device>}"#,
        "attestation expired",
    ),
    (
        "a blob that is no JSON",
        r#"{"type":"auth_response","auth_mode":"device","attestation":<blob hello>,"nonce_signature":<signed device>}"#,
        "attestation blob is not valid JSON",
    ),
    (
        "a blob that is an array",
        r#"{"type":"auth_response","auth_mode":"device","attestation":<blob [1]>,"nonce_signature":<signed device>}"#,
        "attestation blob is not valid JSON",
    ),
    (
        "a blob that is a number",
        r#"{"type":"auth_response","auth_mode":"device","attestation":<blob 7>,"nonce_signature":<signed device>}"#,
        "attestation blob is not valid JSON",
    ),
    (
        "a blob without a name",
        r#"{"type":"auth_response","auth_mode":"device","attestation":<blob {"a":1}>,"nonce_signature":<signed device>}"#,
        "attestation missing device_id",
    ),
    (
        "a blob without a key",
        r#"{"type":"auth_response","auth_mode":"device","attestation":<blob {"device_id":"d"}>,"nonce_signature":<signed device>}"#,
        "attestation missing device_public_key",
    ),
    (
        "a blob without an end",
        r#"{"type":"auth_response","auth_mode":"device","attestation":<blob {"device_id":"d","device_public_key":"k"}>,"nonce_signature":<signed device>}"#,
        "attestation missing expires_at",
    ),
    (
        "a blob with an end in no time zone",
        r#"{"type":"auth_response","auth_mode":"device","attestation":<blob {"device_id":"d","device_public_key":"k","expires_at":"2999-01-01T00:00:00"}>,"nonce_signature":<signed device>}"#,
        "attestation expires_at invalid",
    ),
    (
        "a key of the wrong length in the blob",
        r#"{"type":"auth_response","auth_mode":"device","attestation":<blob {"device_id":"d","device_public_key":"AAAA","expires_at":"2999-01-01T00:00:00Z"}>,"nonce_signature":<signed device>}"#,
        "device nonce signature invalid",
    ),
    (
        "a device signature by somebody else",
        r#"{"type":"auth_response","auth_mode":"device","attestation":<attested x>,"nonce_signature":<signed stranger>}"#,
        "device nonce signature invalid",
    ),
    (
        "a device signature of an earlier challenge",
        r#"{"type":"auth_response","auth_mode":"device","attestation":<attested x>,"nonce_signature":<signed device over another nonce>}"#,
        "device nonce signature invalid",
    ),
    (
        "the desktop's signature for a device",
        r#"{"type":"auth_response","auth_mode":"device","attestation":<attested x>,"nonce_signature":<signed desktop>}"#,
        "device nonce signature invalid",
    ),
    (
        "a device that calls itself a desktop",
        r#"{"type":"auth_response","auth_mode":"desktop","device_id":<id x>,"nonce_signature":<signed device>}"#,
        "desktop signature invalid",
    ),
];

pub(super) fn cases() -> Vec<Case> {
    let texts = REFUSALS.map(|(name, frame, reason)| {
        case(name, [desktop("a"), opens("b"), says("b", frame), closed("b", 4003, reason), is_in("a")])
    });
    let refused = |name, bytes: &[u8]| {
        case(name, [opens("b"), says_bytes("b", bytes), closed("b", 4003, "invalid json")])
    };
    let others = [
        refused("a login in a binary frame", br#"{"type":"auth_response"}"#),
        refused("bytes that are no text", b"\xff\xfe"),
        case("a first frame of more than a mebibyte", {
            let limit = closed("b", 1009, "frame exceeds limit of 1048576 bytes");
            [desktop("a"), opens("b"), says("b", "<fill 1048577>"), limit, is_in("a")]
        }),
    ];
    texts.into_iter().chain(others).collect()
}
