//! Keys, signatures and challenges: what either side writes, the other reads, byte for byte, and what either refuses, the
//! other refuses too.

use hiro_protocol::keys::{PublicKey, SecretKey};
use hiro_protocol::nonce::Nonce;
use hiro_testkit::{Lack, wine_lacks};
use serde_json::json;

use crate::published::{Python, VERSIONS};

#[test]
fn a_key_file_of_either_side_is_written_back_byte_for_byte_by_the_other() {
    if wine_lacks(Lack::Python) {
        return;
    }
    for version in VERSIONS {
        let mut python = Python::of(version);
        let theirs = python.text("private_key_to_pem(generate_private_key()).decode()", &json!({}));
        assert_eq!(theirs.len(), 119, "{version}");
        assert_eq!(SecretKey::from_pem(&theirs).unwrap().to_pem(), theirs, "{version}");
        let ours = SecretKey::generate().to_pem();
        let rewritten = "private_key_to_pem(load_private_key_pem(pem.encode())).decode()";
        assert_eq!(python.text(rewritten, &json!({"pem": ours})), ours, "{version}");
    }
}

#[test]
fn one_key_has_the_same_public_half_and_the_same_signatures_on_both_sides() {
    if wine_lacks(Lack::Python) {
        return;
    }
    for version in VERSIONS {
        let mut python = Python::of(version);
        let key = SecretKey::generate();
        let public = "public_key_to_b64(load_private_key_pem(pem.encode()).public_key())";
        let told = python.text(public, &json!({"pem": key.to_pem()}));
        assert_eq!(told, key.public_key().to_base64(), "{version}");
        for message in ["", "hello", "é\u{1F600}", "{\"a\":1}"] {
            let signed = "sign_bytes(load_private_key_pem(pem.encode()), message.encode())";
            let given = json!({"pem": key.to_pem(), "message": message});
            assert_eq!(python.text(signed, &given), key.sign_base64(message.as_bytes()), "{version}");
        }
    }
}

#[test]
fn a_challenge_of_either_side_is_signed_by_the_other_as_32_bytes() {
    if wine_lacks(Lack::Python) {
        return;
    }
    for version in VERSIONS {
        let mut python = Python::of(version);
        let key = SecretKey::generate();
        let theirs: Nonce = python.text("generate_nonce()", &json!({})).parse().unwrap();
        for nonce in [theirs, Nonce::generate()] {
            let given = json!({"pem": key.to_pem(), "nonce": nonce.to_string()});
            let signature = python.text("sign_nonce(load_private_key_pem(pem.encode()), nonce)", &given);
            key.public_key().verify_base64(nonce.as_bytes(), &signature).unwrap();
            assert_eq!(signature, key.sign_base64(nonce.as_bytes()), "{version}");
        }
    }
}

#[test]
fn both_sides_refuse_the_same_signatures() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let key = SecretKey::generate();
    let signature = key.sign_base64(b"hello");
    let unpadded = signature.trim_end_matches('=').to_owned();
    let other = SecretKey::generate().sign_base64(b"hello");
    let halved = signature[..44].to_owned();
    let spaced = format!("{} {}", &signature[..4], &signature[4..]);
    let url_safe = format!("-_{}", &signature[2..]);
    let candidates =
        [signature, unpadded, other, halved, spaced, url_safe, String::new(), "é".into(), "AAAA".into()];
    for version in VERSIONS {
        let mut python = Python::of(version);
        for (place, candidate) in candidates.iter().enumerate() {
            let given = json!({"key": key.public_key().to_base64(), "signature": candidate});
            let theirs =
                python.holds("verify_signature(load_public_key_b64(key), b'hello', signature)", &given);
            let ours = key.public_key().verify_base64(b"hello", candidate).is_ok();
            assert_eq!((theirs, ours), (place == 0, place == 0), "{version}: `{candidate}`");
        }
    }
}

/// What is a key to Python and none to us, each with the reason.
const KEYS_OF_PYTHON_ALONE: [(&str, &str); 2] = [
    (
        "AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "no point on the curve: Python notices when it verifies",
    ),
    ("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURp=", "bits beyond the last byte: two spellings of one key"),
];

#[test]
fn both_sides_take_the_same_texts_for_public_keys_but_for_those_in_the_table() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let good = SecretKey::generate().public_key().to_base64();
    let url_safe = "-".repeat(43) + "=";
    let (unpadded, long) = (good.trim_end_matches('=').to_owned(), "A".repeat(44));
    let common = [&good, &unpadded, &format!(" {good}"), &format!("{good}\n"), &url_safe, &long];
    let common = common.into_iter().map(String::as_str).chain(["", "AAAA", "é", "===="]);
    for version in VERSIONS {
        let mut python = Python::of(version);
        let mut theirs = |key: &str| python.holds("bool(load_public_key_b64(key))", &json!({"key": key}));
        let ours = |key: &str| PublicKey::from_base64(key).is_ok();
        for key in common.clone() {
            assert_eq!((theirs(key), ours(key)), (key == good, key == good), "{version}: `{key}`");
        }
        for (key, reason) in KEYS_OF_PYTHON_ALONE {
            assert_eq!((theirs(key), ours(key)), (true, false), "{version}: `{key}`: {reason}");
        }
    }
}

#[test]
fn both_sides_refuse_key_files_of_another_kind() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let written = |key: &str, form: &str| format!("{key}.private_bytes(Encoding.PEM, {form}).decode()");
    let plain = "PrivateFormat.PKCS8, NoEncryption()";
    let sealed = "PrivateFormat.PKCS8, BestAvailableEncryption(b'secret')";
    let public = "Encoding.PEM, PublicFormat.SubjectPublicKeyInfo";
    let files = [
        written("rsa.generate_private_key(65537, 2048)", plain),
        written("generate_private_key()", sealed),
        format!("generate_private_key().public_key().public_bytes({public}).decode()"),
        "''".to_owned(),
        "'-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----\\n'".to_owned(),
    ];
    for version in VERSIONS {
        let mut python = Python::of(version);
        for file in &files {
            let pem = python.text(file, &json!({}));
            let theirs = python.holds("bool(load_private_key_pem(pem.encode()))", &json!({"pem": pem}));
            assert_eq!((theirs, SecretKey::from_pem(&pem).is_ok()), (false, false), "{version}: `{file}`");
        }
    }
}
