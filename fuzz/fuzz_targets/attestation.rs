//! What a device shows to be let in: only what the desktop signed counts, it names a device, and it has not expired; no text
//! whatever makes another signature hold.

#![no_main]

use std::sync::LazyLock;

use hiro_protocol::attestation::Attestation;
use hiro_protocol::keys::SecretKey;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

static DESKTOP: LazyLock<SecretKey> = LazyLock::new(SecretKey::generate);
static STRANGER: LazyLock<SecretKey> = LazyLock::new(SecretKey::generate);

fuzz_target!(|input: (&str, &str)| {
    let (signature, blob) = input;
    let (now, desktop) = (Timestamp::UNIX_EPOCH, DESKTOP.public_key());
    let sealed = |desktop_signature: String| Attestation { blob: blob.to_owned(), desktop_signature };
    let genuine = DESKTOP.sign_base64(blob.as_bytes());
    assert!(signature == genuine || sealed(signature.to_owned()).verify(&desktop, now).is_err(), "forged");
    assert!(sealed(STRANGER.sign_base64(blob.as_bytes())).verify(&desktop, now).is_err(), "by a stranger");
    if let Ok(claims) = sealed(genuine).verify(&desktop, now) {
        assert!(
            !claims.device_id.is_empty() && !claims.device_public_key.is_empty() && claims.expires_at > now
        );
        assert!(
            sealed(DESKTOP.sign_base64(blob.as_bytes())).verify(&desktop, claims.expires_at).is_err(),
            "expired"
        );
        assert!(
            claims.verify_device_signature(b"nonce", signature).is_err(),
            "nobody has signed the challenge"
        );
    }
});
