//! Creates an instance: its entry in the registry and its configuration.

use std::path::PathBuf;

use hiro_protocol::keys::PublicKey;
use serde::Serialize;

use super::Gateways;
use crate::config::Config;
use crate::error::GatewayError;
use crate::registry::{self, NewInstance};

/// What a new instance shall be.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Its name, its place and where it listens.
    pub instance: NewInstance,
    /// The key of the desktop that it trusts, in base64.
    pub desktop_public_key: String,
    /// It becomes the instance that is meant when none is named.
    pub make_default: bool,
}

/// An instance that was created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetupResult {
    /// Its name.
    pub instance_name: String,
    /// Its folder.
    pub instance_path: PathBuf,
    /// The host that it listens on.
    pub host: String,
    /// The port that it listens on.
    pub port: i64,
    /// Whether it starts with the computer.
    pub autostart_registered: bool,
    /// How it does.
    pub autostart_method: String,
}

impl Gateways {
    /// Creates an instance. A configuration that is in its folder already keeps whatever `setup` does not say.
    ///
    /// # Errors
    /// When the key, the name, the port or the folder can't be used or is another instance's, or a file can't be read
    /// or written. Then there is no such instance.
    pub fn setup_instance(&self, setup: Setup) -> Result<SetupResult, GatewayError> {
        let key = PublicKey::from_base64(&setup.desktop_public_key)
            .map_err(|reason| GatewayError::InvalidDesktopKey { reason })?;
        let config = match Config::load(&setup.instance.folder(&self.data)) {
            Ok(found) => Config { desktop_public_key: key.to_base64(), ..found },
            Err(GatewayError::ConfigMissing { .. }) => Config::new(&key),
            Err(damaged) => return Err(damaged),
        };
        let entry = registry::create(&self.data, setup.instance)?;
        if let Err(error) = config.save(&entry.path) {
            // The registry was fine a moment ago; if it no longer is, the first failure still says more.
            let _ = registry::remove(&self.data, &entry.name);
            return Err(error);
        }
        if setup.make_default {
            registry::set_default(&self.data, &entry.name)?;
        }
        Ok(SetupResult {
            instance_name: entry.name,
            instance_path: entry.path,
            host: entry.host,
            port: entry.port,
            autostart_registered: false,
            autostart_method: config.autostart_method,
        })
    }
}
