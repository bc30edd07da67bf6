//! How an instance is configured.

use std::fs;

use hiro_protocol::keys::SecretKey;
use hirogateway::GatewayError;
use hirogateway::config::{Config, config_file};

#[test]
fn the_file_is_the_one_that_the_python_package_writes() {
    let folder = tempfile::tempdir().unwrap();
    let key = SecretKey::generate().public_key();
    let config = Config::new(&key);
    config.save(folder.path()).unwrap();
    let expected = format!(
        "{{\n  \"desktop_public_key\": \"{}\",\n  \"log_dir\": \"\",\n  \"autostart_method\": \"skipped\"\n}}",
        key.to_base64()
    );
    assert_eq!(fs::read_to_string(config_file(folder.path())).unwrap(), expected);
    assert_eq!(Config::load(folder.path()).unwrap(), config);
}

#[test]
fn missing_keys_take_their_defaults_and_strange_ones_survive() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(config_file(folder.path()), r#"{"colour":"red","desktop_public_key":"k"}"#).unwrap();
    let config = Config::load(folder.path()).unwrap();
    assert!(config.device_notices);
    assert_eq!(config.log_folder(folder.path()), folder.path().join("logs"));
    config.save(folder.path()).unwrap();
    assert_eq!(Config::load(folder.path()).unwrap().other["colour"], "red");
}

#[test]
fn switched_off_notices_stay_off() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::new(&SecretKey::generate().public_key());
    config.device_notices = false;
    config.save(folder.path()).unwrap();
    assert!(!Config::load(folder.path()).unwrap().device_notices);
}

#[test]
fn a_missing_configuration_and_a_wrong_key_say_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Config::load(folder.path()).unwrap_err();
    assert!(matches!(&missing, GatewayError::ConfigMissing { path } if *path == config_file(folder.path())));
    fs::write(config_file(folder.path()), r#"{"desktop_public_key":"AAAA"}"#).unwrap();
    let wrong = Config::load(folder.path()).unwrap().desktop_key().unwrap_err();
    assert!(wrong.hint().unwrap().contains("`desktop_pub`"));
    assert_eq!(
        wrong.to_string(),
        "Invalid desktop public key: a public key has 32 bytes, not 3. Provide the base64-encoded Ed25519 public key from 'hiro status'."
    );
}
