//! Two implementations of one protocol: every case of the list is put to our gateway and to the published ones, over real
//! sockets, and where they differ a table says so and why.

use hiro_testkit::{Lack, wine_lacks};

use crate::cases::cases;
use crate::conversation::surprise;
use crate::gateways::{Gateway, Maker};

/// What the published gateways do instead, by the name of the case, and why ours does not.
///
/// Both versions do the same here. What is heard begins with the second column.
const DIFFERENCES: [(&str, &str, &str); 21] = [
    ("nesting without end", "b: closed 1011", FAULT),
    (
        "an empty mode",
        "b: closed 4003 unsupported auth_mode:",
        "a mode that is empty is missing, as an id that is empty is",
    ),
    (
        "a long mode beyond ASCII",
        "b: closed 1011",
        "a reason has 123 bytes at most: ours is cut by bytes, theirs by characters",
    ),
    ("a blob that is an array", "b: closed 1011", FAULT),
    ("a blob that is a number", "b: closed 1011", FAULT),
    (
        "a first frame of more than a mebibyte",
        "b: closed 1009 frame with 1048577 bytes exceeds",
        OTHER_RELEASE,
    ),
    (
        "a frame of more than a mebibyte ends its sender alone",
        "b: closed 1009 frame with 1048585 bytes",
        OTHER_RELEASE,
    ),
    (
        "a client that leaves in the middle costs the desktop nothing",
        "a: closed 1000",
        "the desktop pays for it with its own session",
    ),
    (
        "numbers",
        "a: {",
        "the same numbers in another spelling: ours passes on `1e5`, which is `100000.0` to Python",
    ),
    ("a target that is a list", "b: closed 1011", FAULT),
    ("a target that is an object", "b: closed 1011", FAULT),
    ("a frame that is an array", "b: closed 1011", FAULT),
    ("a frame that is a number", "b: closed 1011", FAULT),
    ("a frame that is a string", "b: closed 1011", FAULT),
    ("a frame that is null", "b: closed 1011", FAULT),
    ("a frame that is nested without end", "b: closed 1011", FAULT),
    ("a message with wrong content", "b: closed 1011", FAULT),
    ("a message with content of odd items", "b: closed 1011", FAULT),
    ("a response with a body that is no object", "b: closed 1011", FAULT),
    ("bytes that are no text reach nobody", "b: closed 1011", FAULT),
    (
        "a frame is not spelt anew, which would let it grow",
        r#"a: {"target_device_id": "a-of-"#,
        "every character beyond ASCII becomes six bytes or twelve",
    ),
];

/// An exception that nobody catches ends the sender's session; ours drops the frame, or refuses with the documented reason.
const FAULT: &str = "an uncaught exception";

/// The words are those of `websockets` 16, which was measured; 17 has others, and every reader goes by the code.
const OTHER_RELEASE: &str = "the reason's words changed with a release of `websockets`";

#[test]
fn our_gateway_does_what_every_case_says() {
    let gateway = Gateway::start(Maker::Ours);
    let cases = cases();
    let surprises = cases.iter().enumerate().filter_map(|(number, case)| {
        surprise(&gateway, number, case).map(|surprise| format!("{}: {surprise}", case.name))
    });
    assert_eq!(surprises.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn the_published_gateway_0_2_0_does_the_same_but_for_what_the_table_says() {
    if wine_lacks(Lack::Python) {
        return;
    }
    differs_as_listed("0.2.0");
}

#[test]
fn the_published_gateway_0_1_3_does_the_same_but_for_what_the_table_says() {
    if wine_lacks(Lack::Python) {
        return;
    }
    differs_as_listed("0.1.3");
}

#[test]
fn every_difference_is_one_of_a_case_in_the_list() {
    let cases = cases();
    for (name, _, _) in DIFFERENCES {
        assert_eq!(cases.iter().filter(|case| case.name == name).count(), 1, "`{name}`");
    }
}

/// Both ways: no difference that isn't listed, and nothing listed that isn't one.
fn differs_as_listed(version: &'static str) {
    let gateway = Gateway::start(Maker::Published(version));
    let cases = cases();
    let wrong = cases.iter().enumerate().filter_map(|(number, case)| {
        let surprise = surprise(&gateway, number, case);
        let listed =
            DIFFERENCES.iter().find(|(name, _, _)| *name == case.name).map(|(_, instead, _)| *instead);
        let as_listed = match (&surprise, listed) {
            (Some(surprise), Some(listed)) => surprise.starts_with(listed),
            (surprise, listed) => surprise.is_none() && listed.is_none(),
        };
        (!as_listed).then(|| format!("{}: {surprise:?}, listed {listed:?}", case.name))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{version}:\n{}", wrong.join("\n"));
}
