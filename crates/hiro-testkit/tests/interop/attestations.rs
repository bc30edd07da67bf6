//! Attestations: the same device and the same moment make the same bytes on both sides, and the gateways' verdicts on
//! every blob that a desktop may sign are the same.

use hiro_protocol::attestation::{Attestation, DEFAULT_VALIDITY};
use hiro_protocol::keys::SecretKey;
use hiro_protocol::nonce::Nonce;
use hiro_testkit::{Lack, wine_lacks};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::published::{Python, VERSIONS};

const DEVICE_KEY: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

#[test]
fn the_same_statement_is_issued_byte_for_byte_by_both_sides() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let (desktop, device) = (SecretKey::generate(), SecretKey::generate().public_key());
    let issue = "[setattr(issuing, 'utc_now', lambda: parse_iso8601_utc(now)), create_device_attestation(\
                 load_private_key_pem(pem.encode()), device_id=device_id, device_public_key_b64=key)][1]";
    for version in VERSIONS {
        let mut python = Python::of(version);
        for now in ["2026-11-22T10:31:53.658240Z", "2028-02-29T23:59:59.000001Z"] {
            let given = json!({
                "pem": desktop.to_pem(), "now": now, "device_id": "mobile-0123456789ab", "key": device.to_base64(),
            });
            let theirs = python.evaluate(issue, &given).unwrap();
            let ours = Attestation::issue(
                &desktop,
                "mobile-0123456789ab",
                &device,
                now.parse().unwrap(),
                DEFAULT_VALIDITY,
            );
            assert_eq!(serde_json::to_value(&ours).unwrap(), theirs, "{version}");
        }
    }
}

#[test]
fn what_either_side_issues_the_other_verifies_to_the_same_claims() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let (desktop, device) = (SecretKey::generate(), SecretKey::generate().public_key());
    let read = "[(c.device_id, c.device_public_key_b64, utc_iso(c.expires_at)) for c in [verify_device_attestation(\
                load_public_key_b64(root), attestation_blob=blob, desktop_signature_b64=desktop_signature)]][0]";
    for version in VERSIONS {
        let mut python = Python::of(version);
        for device_id in ["mobile-0123456789ab", "é \"quoted\" \u{1F600}"] {
            let ours = Attestation::issue(&desktop, device_id, &device, Timestamp::now(), DEFAULT_VALIDITY);
            let mut given = serde_json::to_value(&ours).unwrap();
            given["root"] = desktop.public_key().to_base64().into();
            let theirs = python.evaluate(read, &given).unwrap();
            assert_eq!(
                (&theirs[0], &theirs[1]),
                (&json!(device_id), &json!(device.to_base64())),
                "{version}"
            );

            let issue = "create_device_attestation(load_private_key_pem(pem.encode()), device_id=device_id, \
                         device_public_key_b64=key)";
            let given = json!({"pem": desktop.to_pem(), "device_id": device_id, "key": device.to_base64()});
            let theirs: Attestation =
                serde_json::from_value(python.evaluate(issue, &given).unwrap()).unwrap();
            let claims = theirs.verify(&desktop.public_key(), Timestamp::now()).unwrap();
            assert_eq!(
                (claims.device_id.as_str(), claims.device_public_key),
                (device_id, device.to_base64())
            );
        }
    }
}

/// Blobs that a desktop may have signed; what both gateways say of them must be the same.
fn blobs() -> Vec<String> {
    let times = [
        "2999-01-01T00:00:00Z",
        "2999-01-01T00:00:00.5+00:00",
        "2999-01-01 00:00:00+02:00",
        "29990101T000000Z",
        "2999-W01-1T00:00Z",
        "2999-01-01T00Z",
        "2999-01-01T00:00:00.123456789Z",
        "2999-01-01T00:00:00",
        "2999-01-01",
        "2999-13-01T00:00:00Z",
        "2999-01-01T24:00:01Z",
        "9999-12-31T23:59:59Z",
        "2001-01-01T00:00:00Z",
        "soon",
        "",
    ];
    let with = |time: &Value| json!({"device_id": "d", "device_public_key": DEVICE_KEY, "expires_at": time});
    let timed = times.iter().map(|time| with(&json!(time)).to_string());
    let odd = [json!(null), json!(4_102_444_800_u64), json!(["2999-01-01T00:00:00Z"]), json!({})];
    let odd = odd.iter().map(|time| with(time).to_string());
    let shapes = [
        "{}",
        "{",
        "not json",
        r#"{"device_id":""}"#,
        r#"{"device_id":7}"#,
        r#"{"device_id":"d"}"#,
        r#"{"device_id":"d","device_public_key":""}"#,
        r#"{"device_id":"d","device_public_key":"k"}"#,
        r#"{"device_id":"d","device_public_key":"k","expires_at":"2999-01-01T00:00:00Z"}"#,
        r#"{"device_id":"d","device_id":"","device_public_key":"k","expires_at":"2999-01-01T00:00:00Z"}"#,
    ];
    timed.chain(odd).chain(shapes.map(str::to_owned)).collect()
}

/// What our gateway says, in the words of its close reasons.
fn our_verdict(attestation: &Attestation, desktop: &SecretKey, nonce: &Nonce, signature: &str) -> String {
    let claims = match attestation.verify(&desktop.public_key(), Timestamp::now()) {
        Ok(claims) => claims,
        Err(refusal) => return refusal.to_string(),
    };
    match claims.verify_device_signature(nonce.as_bytes(), signature) {
        Ok(()) => claims.device_id,
        Err(_) => "device nonce signature invalid".to_owned(),
    }
}

#[test]
fn both_gateways_give_the_same_verdict_on_every_blob_that_a_desktop_may_sign() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let (desktop, nonce) = (SecretKey::generate(), Nonce::generate());
    let signature = SecretKey::generate().sign_base64(nonce.as_bytes());
    let judge = "[r.reason or r.device_id for r in [GatewayAuthManager(desktop_public_key_b64=root)\
                 .verify_device_auth(nonce_hex=nonce, attestation_blob=blob, \
                 desktop_signature_b64=desktop_signature, nonce_signature_b64=signature)]][0]";
    for version in VERSIONS {
        let mut python = Python::of(version);
        for blob in blobs() {
            let attestation =
                Attestation { desktop_signature: desktop.sign_base64(blob.as_bytes()), blob: blob.clone() };
            let mut given = serde_json::to_value(&attestation).unwrap();
            given["root"] = desktop.public_key().to_base64().into();
            given["nonce"] = nonce.to_string().into();
            given["signature"] = signature.clone().into();
            let ours = our_verdict(&attestation, &desktop, &nonce, &signature);
            assert_eq!(python.text(judge, &given), ours, "{version}: {blob}");
        }
    }
}

#[test]
fn an_altered_or_foreign_statement_is_refused_by_both_sides() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let (desktop, stranger) = (SecretKey::generate(), SecretKey::generate());
    let device = SecretKey::generate().public_key();
    let good = Attestation::issue(&desktop, "mobile-1", &device, Timestamp::now(), DEFAULT_VALIDITY);
    let altered = Attestation { blob: good.blob.replace("mobile-1", "mobile-2"), ..good.clone() };
    let longer = Attestation { blob: format!("{} ", good.blob), ..good.clone() };
    let foreign = Attestation::issue(&stranger, "mobile-1", &device, Timestamp::now(), DEFAULT_VALIDITY);
    let verify = "verify_device_attestation(load_public_key_b64(root), attestation_blob=blob, \
                  desktop_signature_b64=desktop_signature)";
    for version in VERSIONS {
        let mut python = Python::of(version);
        for attestation in [&altered, &longer, &foreign] {
            let mut given = serde_json::to_value(attestation).unwrap();
            given["root"] = desktop.public_key().to_base64().into();
            let theirs = python.evaluate(verify, &given).unwrap_err();
            let ours = attestation.verify(&desktop.public_key(), Timestamp::now()).unwrap_err().to_string();
            assert_eq!(
                (theirs, ours.as_str()),
                (format!("ValueError: {ours}"), "attestation signature invalid")
            );
        }
    }
}
