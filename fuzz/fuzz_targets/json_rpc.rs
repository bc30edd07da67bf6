//! A frame between server and plugin: it is a call or an answer or neither, and what it is reads the same when it is written
//! again.

#![no_main]

use hiro_protocol::json_rpc::Incoming;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let incoming = match Incoming::parse(text) {
        Ok(incoming) => incoming,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let rewritten = match &incoming {
        Incoming::Notification(call) => call.to_frame(),
        Incoming::Request(call) => call.to_frame(),
        Incoming::Response(answer) => answer.to_frame(),
    };
    assert_eq!(Incoming::parse(&rewritten).expect("what was written can be read"), incoming);
});
