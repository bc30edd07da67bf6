//! A message of whatever origin: what is read keeps the rules of its type, reads the same when it is written again, and can
//! be answered by a message that keeps them too.

#![no_main]

use hiro_protocol::unified_message::UnifiedMessage;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = serde_json::from_slice::<UnifiedMessage>(bytes) else { return };
    assert_eq!(message.validate(), Ok(()));
    let rewritten = Value::Object(message.to_object()).to_string();
    assert_eq!(serde_json::from_str::<UnifiedMessage>(&rewritten).expect("it can be read again"), message);
    assert_eq!(message.received().validate(), Ok(()));
});
