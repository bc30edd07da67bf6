//! The configuration of the devices plugin, as the server sends it.

use std::path::PathBuf;
use std::time::Duration;

use hiro_protocol::keys::SecretKey;
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

use crate::Error;

/// What the devices plugin needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Settings {
    pub(super) gateway_url: String,
    pub(super) device_id: String,
    master_key_path: PathBuf,
    #[serde(deserialize_with = "seconds")]
    pub(super) ping_interval: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            gateway_url: "ws://localhost:8765".to_owned(),
            device_id: String::new(),
            master_key_path: PathBuf::new(),
            ping_interval: Duration::from_secs(30),
        }
    }
}

impl Settings {
    /// Reads the configuration; what it doesn't say takes its default.
    pub(super) fn parse(config: Map<String, Value>) -> Result<Self, Error> {
        serde_json::from_value(Value::Object(config)).map_err(|source| Error::InvalidConfig { source })
    }

    /// Loads the key to log in with, provided that the rest of a login is there too.
    pub(super) fn load_key(&self) -> Result<SecretKey, Error> {
        if self.device_id.is_empty() {
            return Err(Error::DeviceIdMissing);
        }
        let path = &self.master_key_path;
        let pem = std::fs::read_to_string(path)
            .map_err(|source| Error::MasterKeyMissing { path: path.clone(), source })?;
        SecretKey::from_pem(&pem).map_err(|source| Error::MasterKeyInvalid { path: path.clone(), source })
    }
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    match Duration::try_from_secs_f64(f64::deserialize(deserializer)?) {
        Ok(interval) if !interval.is_zero() => Ok(interval),
        _ => Err(de::Error::custom("`ping_interval` is not a positive number of seconds")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(config: Value) -> Result<Settings, Error> {
        let Value::Object(config) = config else { panic!("a configuration is an object") };
        Settings::parse(config)
    }

    #[test]
    fn an_empty_configuration_gives_the_defaults_but_no_login() {
        let settings = parse(json!({})).unwrap();
        assert_eq!(settings, Settings::default());
        let error = settings.load_key().unwrap_err();
        assert_eq!(error.to_string(), "devices channel requires config.device_id");
    }

    #[test]
    fn a_missing_key_file_is_named() {
        let settings = parse(json!({"device_id": "d", "master_key_path": "/nowhere/key.pem"})).unwrap();
        let error = settings.load_key().unwrap_err();
        assert_eq!(error.to_string(), "devices channel requires master key file: `/nowhere/key.pem`");
    }

    #[test]
    fn a_ping_interval_that_is_no_time_is_refused() {
        for interval in [json!(0), json!(-1), json!(1e300), json!("x")] {
            assert!(parse(json!({"ping_interval": interval})).is_err(), "{interval}");
        }
    }
}
