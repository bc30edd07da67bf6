//! Logins that succeed, names that are taken, and what the desktop hears of who comes and goes.

use super::{
    case, closed, desktop, desktop_login, device, device_login, hears, is_in, is_welcomed, leaves, noticed,
    opens, says,
};
use crate::conversation::{Case, Step};

pub(super) fn cases() -> Vec<Case> {
    let with = |login: String, field: &str| login.replacen('{', &format!("{{{field},"), 1);
    vec![
        case("every connection gets a challenge of 64 digits", [opens("a")]),
        case("a desktop logs in with its signature", [desktop("a")]),
        case("a device logs in with its attestation", [device("a")]),
        case("the old name of a desktop's signature", {
            let login = desktop_login("a").replace("nonce_signature", "signature");
            [is_welcomed("a", login), is_in("a")]
        }),
        case("the old name beside an empty new one", {
            let login =
                with(desktop_login("a").replace("nonce_signature", "signature"), r#""nonce_signature":"""#);
            [is_welcomed("a", login), is_in("a")]
        }),
        case("the old name of a device's signature", {
            let login = device_login("a").replace("nonce_signature", "signature");
            [is_welcomed("a", login), is_in("a")]
        }),
        case("fields that nobody knows are no hindrance", {
            let login = with(desktop_login("a"), r#""version":7,"capabilities":{"a":[1]}"#);
            [is_welcomed("a", login), is_in("a")]
        }),
        case("the name in the frame of a device counts for nothing", {
            let login = with(device_login("a"), r#""device_id":"somebody else""#);
            [is_welcomed("a", login), is_in("a")]
        }),
        case("a display name of another type counts for nothing", {
            [is_welcomed("a", with(desktop_login("a"), r#""device_name":{"x":1}"#)), is_in("a")]
        }),
        case("a name that is taken is welcomed and closed, and its bearer stays", {
            [device("a"), taken("b", device_login("a")), is_in("a")]
        }),
        case("a desktop and a device can not have one name", {
            [device("a"), taken("b", desktop_login("a")), is_in("a")]
        }),
        case("two desktops can not have one name", {
            [desktop("a"), taken("b", desktop_login("a")), is_in("a")]
        }),
        case("the desktop hears of a device that comes and goes", {
            let connected = r#"{"type":"device_connected","device_id":<id b>}"#;
            let gone = r#"{"type":"device_disconnected","device_id":<id b>}"#;
            [desktop("a"), device("b"), noticed("a", connected), leaves("b"), noticed("a", gone)]
        }),
        case("and by which name people know it", {
            let connected = r#"{"type":"device_connected","device_id":<id b>,"device_name":"Ada's phone"}"#;
            let gone = connected.replace("_connected", "_disconnected");
            let login = is_welcomed("b", with(device_login("b"), r#""device_name":"Ada's phone""#));
            [desktop("a"), login, is_in("b"), noticed("a", connected), leaves("b"), noticed("a", gone)]
        }),
        case("a desktop that comes later is not told who is there, and no device is ever told", {
            let connected = r#"{"type":"device_connected","device_id":<id c>}"#;
            [device("b"), desktop("a"), device("c"), noticed("a", connected), is_in("b")]
        }),
        case("a frame before the login is nobody's", {
            [
                device("a"),
                opens("b"),
                says("b", r#"{"target_device_id":<id a>}"#),
                closed("b", 4003, "first message must be auth_response"),
                is_in("a"),
            ]
        }),
    ]
}

/// `peer` logs in with the name of `a`, who has it.
fn taken(peer: &'static str, login: String) -> Vec<Step> {
    let welcome = hears(peer, r#"{"type":"auth_ok","device_id":<id a>}"#);
    [opens(peer), says(peer, login), welcome, closed(peer, 4009, "device already connected")].concat()
}
