//! Puts the sender's name into a frame without writing the frame anew, so that a relayed frame is never longer than
//! the received one by more than that name.
//!
//! The frame's own text is kept: numbers of any size, any spelling of a character, `NaN`, unpaired surrogates.

#[cfg(test)]
mod properties;
mod scanner;

use std::ops::Range;

use scanner::{Member, Scanner};

const SENDER: &str = "sender_device_id";

/// What the relay reads of a frame.
pub(super) struct Frame<'a> {
    text: &'a str,
    /// Where the closing brace stands.
    end: usize,
    empty: bool,
    senders: Vec<Member>,
    target: Option<Range<usize>>,
    kind: Option<Range<usize>>,
}

impl<'a> Frame<'a> {
    /// `None` when `text` is no JSON object, or a deeper one than anybody sends.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let mut frame = Self { text, end: 0, empty: true, senders: Vec::new(), target: None, kind: None };
        frame.end = Scanner::new(text).object(|member| frame.note(member))?;
        Some(frame)
    }

    /// Of a key that stands twice the last one counts, as everywhere.
    fn note(&mut self, member: Member) {
        self.empty = false;
        let key = &self.text[member.key.clone()];
        if spells(key, SENDER) {
            self.senders.push(member);
        } else if spells(key, "target_device_id") {
            self.target = Some(member.value);
        } else if spells(key, "type") {
            self.kind = Some(member.value);
        }
    }

    /// The JSON text of `target_device_id`.
    pub(super) fn target(&self) -> Option<&'a str> {
        self.target.clone().map(|value| &self.text[value])
    }

    /// Whether `type` is `expected`.
    pub(super) fn is_of_type(&self, expected: &str) -> bool {
        self.kind.clone().is_some_and(|value| spells(&self.text[value], expected))
    }

    /// The frame with `sender` as its only sender. Where the frame names one, true or false, the first place is
    /// overwritten and every further one cut out, so that no reader can take another for the right one.
    pub(super) fn with_sender(&self, sender: &Sender) -> String {
        let Some((first, others)) = self.senders.split_first() else { return self.with_appended(sender) };
        let mut spliced = String::with_capacity(self.text.len() + sender.name().len());
        spliced.push_str(&self.text[..first.value.start]);
        spliced.push_str(sender.name());
        let mut kept_from = first.value.end;
        for other in others {
            spliced.push_str(&self.text[kept_from..other.comma]);
            kept_from = other.value.end;
        }
        spliced.push_str(&self.text[kept_from..]);
        spliced
    }

    fn with_appended(&self, sender: &Sender) -> String {
        let comma = if self.empty { "" } else { "," };
        [&self.text[..self.end], comma, &sender.member, &self.text[self.end..]].concat()
    }
}

/// A sender as it stands in a frame, written once for all of its frames.
pub(super) struct Sender {
    member: String,
}

impl Sender {
    pub(super) fn new(device_id: &str) -> Self {
        Self { member: format!("\"{SENDER}\":{}", serde_json::Value::from(device_id)) }
    }

    /// The name as JSON text.
    fn name(&self) -> &str {
        &self.member[SENDER.len() + 3..]
    }
}

/// Whether the JSON text `json` is the string `expected`, in whatever spelling.
fn spells(json: &str, expected: &str) -> bool {
    match json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(plain) if !plain.contains('\\') => plain == expected,
        Some(_) => serde_json::from_str::<String>(json).is_ok_and(|text| text == expected),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, Sender};

    fn spliced(text: &str) -> String {
        Frame::read(text).unwrap().with_sender(&Sender::new("me"))
    }

    #[test]
    fn a_missing_sender_is_appended() {
        assert_eq!(spliced("{}"), r#"{"sender_device_id":"me"}"#);
        assert_eq!(spliced(" { \"a\" : 1 } \n"), " { \"a\" : 1 ,\"sender_device_id\":\"me\"} \n");
    }

    #[test]
    fn a_forged_sender_is_overwritten_in_its_place() {
        assert_eq!(
            spliced(r#"{"sender_device_id": {"x": [1]}, "a": 1}"#),
            r#"{"sender_device_id": "me", "a": 1}"#
        );
    }

    #[test]
    fn a_forged_sender_can_not_hide_behind_escapes_or_doubles() {
        let text =
            r#"{"\u0073ender_device_id":1,"a":2 , "sender_device_id":"x","sender_device\u005fid":null}"#;
        assert_eq!(spliced(text), r#"{"\u0073ender_device_id":"me","a":2 }"#);
    }

    #[test]
    fn only_the_outermost_object_is_touched() {
        let text = r#"{"a":{"sender_device_id":"x","target_device_id":"y"}}"#;
        assert_eq!(spliced(text), format!("{},\"sender_device_id\":\"me\"}}", &text[..text.len() - 1]));
        assert_eq!(Frame::read(text).unwrap().target(), None);
    }

    #[test]
    fn what_python_writes_beyond_the_standard_is_kept() {
        let text = r#"{"a":[NaN,Infinity,-Infinity,1e5,123456789012345678901234567890],"b":"\ud800","sender_device_id":0}"#;
        assert_eq!(spliced(text), text.replace(":0}", ":\"me\"}"));
    }

    #[test]
    fn the_last_target_and_the_last_type_count() {
        let text = r#"{"target_device_id":1,"type":"a","target_device_id" : "b","type":"\u0063"}"#;
        let frame = Frame::read(text).unwrap();
        assert_eq!(frame.target(), Some("\"b\""));
        assert!(frame.is_of_type("c") && !frame.is_of_type("a"));
    }

    #[test]
    fn a_name_is_escaped() {
        let frame = Frame::read("{}").unwrap();
        assert_eq!(frame.with_sender(&Sender::new("a\"b\u{1}")), "{\"sender_device_id\":\"a\\\"b\\u0001\"}");
    }
}
