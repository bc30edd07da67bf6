//! The splicing checked against `serde_json`, with frames of every shape.

use std::fmt::Write;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use serde_json::{Map, Value};

use super::{Frame, Sender};

/// A member's key as it may be spelled, often one of those that the relay reads.
fn key() -> impl Strategy<Value = String> {
    let known =
        ["sender_device_id", "target_device_id", "type", "\\u0073ender_device_id", "sender\\u005Fdevice_id"];
    prop_oneof![
        4 => proptest::sample::select(known.to_vec()).prop_map(|key| format!("\"{key}\"")),
        1 => any::<String>().prop_map(|key| Value::from(key).to_string()),
    ]
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f32>().prop_map(|number| Value::from(f64::from(number))),
        any::<String>().prop_map(Value::from),
    ];
    let nested = leaf.prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((any::<String>(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    });
    nested.prop_map(|value| value.to_string())
}

fn space() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec!["", "", " ", "\n\t", "\r\n"])
}

/// The text of an object with any spacing and with keys that may stand more than once.
fn object() -> impl Strategy<Value = String> {
    (vec((key(), value(), space(), space()), 0..6), space()).prop_map(|(members, outer)| {
        let mut text = format!("{outer}{{");
        for (index, (key, value, before, after)) in members.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(text, "{comma}{before}{key}{after}:{before}{value}{after}").unwrap();
        }
        text + outer + "}" + outer
    })
}

/// How often the key stands in the outermost object, by a reader that sees every one of them.
fn senders(text: &str) -> Vec<Value> {
    struct Senders(Vec<Value>);
    impl<'de> serde::Deserialize<'de> for Senders {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(Visitor)
        }
    }
    struct Visitor;
    impl<'de> serde::de::Visitor<'de> for Visitor {
        type Value = Senders;
        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("an object")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut members: A) -> Result<Senders, A::Error> {
            let mut found = Vec::new();
            while let Some((key, value)) = members.next_entry::<String, Value>()? {
                if key == "sender_device_id" {
                    found.push(value);
                }
            }
            Ok(Senders(found))
        }
    }
    serde_json::from_str::<Senders>(text).unwrap().0
}

proptest! {
    #[test]
    fn the_sender_is_the_true_one_and_the_rest_is_as_it_was(text in object(), sender in any::<String>()) {
        let mut expected: Map<String, Value> = serde_json::from_str(&text).unwrap();
        expected.insert("sender_device_id".to_owned(), Value::from(sender.as_str()));
        let spliced = Frame::read(&text).unwrap().with_sender(&Sender::new(&sender));
        assert_eq!(serde_json::from_str::<Map<String, Value>>(&spliced).unwrap(), expected);
        assert_eq!(senders(&spliced), [Value::from(sender)]);
    }

    #[test]
    fn a_spliced_frame_is_longer_by_the_sender_at_most(text in object(), sender in any::<String>()) {
        let field = Value::from(sender.as_str()).to_string().len() + ",\"sender_device_id\":".len();
        assert!(Frame::read(&text).unwrap().with_sender(&Sender::new(&sender)).len() <= text.len() + field);
    }

    #[test]
    fn target_and_type_are_those_that_serde_json_reads(text in object()) {
        let expected: Map<String, Value> = serde_json::from_str(&text).unwrap();
        let frame = Frame::read(&text).unwrap();
        let target = frame.target().map(|json| serde_json::from_str::<Value>(json).unwrap());
        assert_eq!(target.as_ref(), expected.get("target_device_id"));
        if let Some(Value::String(kind)) = expected.get("type") {
            assert!(frame.is_of_type(kind));
        }
    }

    #[test]
    fn what_serde_json_takes_for_an_object_is_a_frame(text in "[{}\\[\\]\",:0-9eE.+\\-a\\\\u \n]{0,40}") {
        if serde_json::from_str::<Map<String, Value>>(&text).is_ok() {
            assert!(Frame::read(&text).is_some());
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        let _ = Frame::read(&text);
    }

    #[test]
    fn a_broken_object_is_a_frame_only_where_python_goes_beyond_the_standard(
        text in object(),
        cut in any::<proptest::sample::Index>(),
    ) {
        let characters: Vec<char> = text.chars().collect();
        let kept: String = characters[..cut.index(characters.len())].iter().collect();
        if Frame::read(&kept).is_some() {
            assert!(serde_json::from_str::<Map<String, Value>>(&kept).is_ok());
        }
    }
}

#[test]
fn nesting_is_taken_as_deep_as_serde_json_takes_it_and_no_deeper() {
    for depth in [1, 100, 126, 127, 128, 1_000, 400_000] {
        let text = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        let taken = serde_json::from_str::<Value>(&text).is_ok();
        assert_eq!(Frame::read(&text).is_some(), taken, "depth {depth}");
    }
}
