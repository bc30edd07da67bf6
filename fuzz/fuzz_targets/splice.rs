//! A frame that is passed on: its sender is the true one for every reader, nothing else in it changes, and it grows by no
//! more than the sender's name.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

const KEY: &str = "sender_device_id";

fn object(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(text).ok()
}

fn without_sender(mut frame: Map<String, Value>) -> Map<String, Value> {
    frame.remove(KEY);
    frame
}

fuzz_target!(|input: (&str, &str)| {
    let (sender, text) = input;
    let Some(passed_on) = hirogateway::relay::spliced(text, sender) else {
        return;
    };
    let name = Value::from(sender).to_string();
    assert!(passed_on.len() <= text.len() + KEY.len() + name.len() + "\"\":,".len(), "it has grown");
    assert_eq!(
        hirogateway::relay::spliced(&passed_on, sender).as_ref(),
        Some(&passed_on),
        "there is one sender"
    );
    // The relay lets more through than this reader knows, `NaN` for one.
    if let Some(sent) = object(text) {
        let heard = object(&passed_on).expect("what was JSON still is");
        assert_eq!(heard.get(KEY).and_then(Value::as_str), Some(sender));
        assert_eq!(without_sender(heard), without_sender(sent));
    }
});
