//! The first frame that a stranger sends to the gateway: whatever it is, it is read or refused with a close code and a
//! reason that fit into a close frame; what was read reads the same when it is written again.

#![no_main]

use hiro_protocol::gateway::client::{AuthResponse, ClientFrame};
use hiro_protocol::gateway::closing::Closing;
use hiro_protocol::gateway::first_frame::FirstFrame;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| match FirstFrame::read(text) {
    Ok(FirstFrame::Auth(response)) => {
        let (AuthResponse::Desktop { nonce_signature, .. } | AuthResponse::Device { nonce_signature, .. }) =
            &response;
        assert!(!nonce_signature.is_empty(), "nobody logs in without a signature");
        let again = serde_json::to_string(&ClientFrame::AuthResponse(response.clone())).unwrap();
        assert_eq!(FirstFrame::read(&again).unwrap(), FirstFrame::Auth(response));
    }
    Ok(FirstFrame::Pairing(request)) => {
        assert!(!request.pairing_code.is_empty() && !request.device_public_key.is_empty());
    }
    Err(error) => {
        let closing = Closing::from(&error);
        let reason = closing.reason();
        assert!(matches!(closing.code(), 4003 | 4004), "{}", closing.code());
        assert!(!reason.is_empty() && reason.len() <= 123 && reason.chars().count() <= 120, "{reason}");
    }
});
