//! Frames from one member to others: whom they reach, what is in them when they arrive, and what is dropped without a word.

use super::{case, desktop, device, hears, hears_text, is_in, says, says_bytes};
use crate::conversation::{Case, Step};

/// Targets that mean everybody else.
const EVERYBODY: [(&str, &str); 5] = [
    ("a frame without a target", ""),
    ("a target that is null", r#""target_device_id":null,"#),
    ("a target that is empty", r#""target_device_id":"","#),
    ("a target that is zero", r#""target_device_id":0,"#),
    ("a target that is false", r#""target_device_id":false,"#),
];

/// Frames that reach nobody, and end nothing.
const DROPPED: [(&str, &str); 14] = [
    ("an unknown target", r#"{"target_device_id":"nobody"}"#),
    ("a target that is a number", r#"{"target_device_id":7}"#),
    ("a target that is true", r#"{"target_device_id":true}"#),
    ("a target that is a list", r#"{"target_device_id":["a"]}"#),
    ("a target that is an object", r#"{"target_device_id":{"a":1}}"#),
    ("a frame that is no JSON", "hello"),
    ("an empty frame", ""),
    ("half a frame", r#"{"a":"#),
    ("two frames in one", r#"{"a":1}{"a":2}"#),
    ("a frame that is an array", r#"[{"a":1}]"#),
    ("a frame that is a number", "7"),
    ("a frame that is a string", r#""hello""#),
    ("a frame that is null", "null"),
    ("a frame that is nested without end", r#"{"a":<nested 100000>}"#),
];

/// Payloads that arrive as they were sent, whatever they look like.
const PAYLOADS: [(&str, &str); 14] = [
    ("text beyond ASCII", r#""é \u00e9 😀 \ud83d\ude00""#),
    ("escapes", r#""\"\\\/\b\f\n\r\t\u0001""#),
    ("numbers", "[0,-1,1.5,1e5,-2.5e-3,18446744073709551615]"),
    ("nothing", "null"),
    ("an empty object", "{}"),
    ("nested objects", r#"{"a":{"sender_device_id":"forged","target_device_id":"c"}}"#),
    (
        "a message",
        r#"{"message_type":"message","content":[{"content_type":"text","body":"hello"}],"routing":{"id":"1","metadata":{"device_name":"Ada"}}}"#,
    ),
    ("a message with wrong content", r#"{"message_type":"message","content":7}"#),
    (
        "a message with content of odd items",
        r#"{"message_type":"message","content":[7,null,{"content_type":[]}]}"#,
    ),
    (
        "a request with a body that is no object",
        r#"{"message_type":"request","content":[{"content_type":"json","body":"7"}]}"#,
    ),
    (
        "a response with a body that is no object",
        r#"{"message_type":"response","content":[{"content_type":"json","body":"[]"}]}"#,
    ),
    ("an event of another type", r#"{"message_type":"event","event":"x"}"#),
    ("a message type of another type", r#"{"message_type":{"a":1}}"#),
    ("routing of another type", r#"{"message_type":"message","routing":[],"content":[]}"#),
];

pub(super) fn cases() -> Vec<Case> {
    let everybody = EVERYBODY.map(|(name, target)| case(name, to_everybody(target)));
    let dropped = DROPPED.map(|(name, frame)| {
        case(name, [desktop("a"), device("b"), says("b", frame), is_in("b"), is_in("a")])
    });
    let payloads = PAYLOADS.map(|(name, payload)| {
        let sent = format!(r#"{{"target_device_id":<id a>,"payload":{payload}}}"#);
        let heard = format!(r#"{{"target_device_id":<id a>,"payload":{payload},"sender_device_id":<id b>}}"#);
        case(name, [desktop("a"), device("b"), says("b", sent), is_in("b"), hears("a", heard)])
    });
    everybody
        .into_iter()
        .chain(dropped)
        .chain(payloads)
        .chain(senders())
        .chain(spellings())
        .chain(sizes())
        .collect()
}

fn to_everybody(target: &str) -> [Vec<Step>; 7] {
    let sent = format!(r#"{{{target}"n":1}}"#);
    let heard = format!(r#"{{{target}"n":1,"sender_device_id":<id b>}}"#);
    [
        desktop("a"),
        device("b"),
        device("c"),
        says("b", sent),
        hears("a", &*heard),
        hears("c", &*heard),
        is_in("b"),
    ]
}

fn senders() -> Vec<Case> {
    let to_a = |fields: &str| format!(r#"{{"target_device_id":<id a>{fields}}}"#);
    let from_b = to_a(r#","sender_device_id":<id b>"#);
    let forged = |name, forgery: &str| {
        let sent = to_a(forgery);
        case(name, [device("a"), device("b"), says("b", sent), hears("a", &*from_b), is_in("b")])
    };
    vec![
        forged("a device writes to another", ""),
        forged("a forged sender", r#","sender_device_id":"somebody else""#),
        forged("a forged sender of another type", r#","sender_device_id":{"a":[1]}"#),
        forged("a sender that is forged twice", r#","sender_device_id":"x","sender_device_id":"y""#),
        forged("a forged sender in another spelling", r#","sender\u005fdevice_id":"x""#),
        case("a frame that its sender sends to itself", [device("a"), is_in("a")]),
        case("frames arrive in the order in which they were sent", {
            let frames = (0..20).map(|n| says("b", to_a(&format!(r#","n":{n}"#))));
            let heard = (0..20).map(|n| hears("a", to_a(&format!(r#","n":{n},"sender_device_id":<id b>"#))));
            [[device("a"), device("b")].concat(), frames.flatten().collect(), heard.flatten().collect()]
        }),
        case("a desktop writes to another, and to a device", {
            let (c, b) = (r#"{"target_device_id":<id c>"#, r#"{"target_device_id":<id b>"#);
            let send = [says("a", format!("{c}}}")), says("a", format!("{b}}}"))].concat();
            let from = r#","sender_device_id":<id a>}"#;
            let heard = [hears("c", format!("{c}{from}")), hears("b", format!("{b}{from}"))].concat();
            [desktop("a"), device("b"), desktop("c"), send, heard]
        }),
    ]
}

fn spellings() -> Vec<Case> {
    let heard = r#"{"target_device_id":<id a>,"n":1,"sender_device_id":<id b>}"#;
    vec![
        case("a frame in bytes arrives as text", {
            let everybody = br#"{"n":1}"#;
            [
                device("a"),
                device("b"),
                says_bytes("b", everybody),
                hears("a", r#"{"n":1,"sender_device_id":<id b>}"#),
            ]
        }),
        case("bytes that are no text reach nobody", {
            [device("a"), device("b"), says_bytes("b", b"{\"n\":\"\xff\"}"), is_in("b"), is_in("a")]
        }),
        case("of a target that stands twice the last one counts", {
            let sent = r#"{"target_device_id":"nobody","target_device_id":<id a>,"n":1}"#;
            [device("a"), device("b"), says("b", sent), hears("a", heard), is_in("b")]
        }),
        case("a target in another spelling", {
            let sent = r#"{"target\u005fdevice_id":<id a>,"n":1}"#;
            [device("a"), device("b"), says("b", sent), hears("a", heard), is_in("b")]
        }),
        case("a number of any length keeps its digits", {
            let sent = r#"{"target_device_id":<id a>,"n":123456789012345678901234567890}"#;
            [device("a"), device("b"), says("b", sent), hears_text("a", "123456789012345678901234567890")]
        }),
        case("what Python writes for no number arrives as such", {
            let sent = r#"{"target_device_id":<id a>,"n":[NaN]}"#;
            [device("a"), device("b"), says("b", sent), hears_text("a", "[NaN]")]
        }),
        case("half a surrogate pair arrives as such", {
            let sent = r#"{"target_device_id":<id a>,"n":"\ud800"}"#;
            [device("a"), device("b"), says("b", sent), hears_text("a", r"\ud800")]
        }),
    ]
}

fn sizes() -> Vec<Case> {
    let sized = |name, fill: &str| {
        let sent = format!(r#"{{"target_device_id":<id a>,"n":"{fill}"}}"#);
        let heard = format!(r#"{{"target_device_id":<id a>,"n":"{fill}","sender_device_id":<id b>}}"#);
        case(name, [device("a"), device("b"), says("b", sent), is_in("b"), hears("a", heard), is_in("a")])
    };
    vec![
        sized("a frame of a million bytes", "<fill 1000000>"),
        case("a frame is not spelt anew, which would let it grow", {
            let sent = r#"{"target_device_id":<id a>,"n":"<accents 1000>"}"#;
            [device("a"), device("b"), says("b", sent), hears_text("a", "<accents 1000>"), is_in("a")]
        }),
        sized("a frame of 400 kB beyond ASCII", "<accents 200000>"),
        case("a frame of more than a mebibyte ends its sender alone", {
            let limit = super::closed("b", 1009, "frame exceeds limit of 1048576 bytes");
            [device("a"), device("b"), says("b", r#"{"n":"<fill 1048577>"}"#), limit, is_in("a")]
        }),
    ]
}
