//! Creates an instance: its entry in the registry and its configuration.

use std::path::{Path, PathBuf};

use hiro_protocol::keys::PublicKey;
use serde::Serialize;

use super::Gateways;
use crate::autostart::Trouble;
use crate::config::Config;
use crate::error::GatewayError;
use crate::registry::{self, InstanceEntry, NewInstance};
use crate::runtime::RuntimeChoice;

/// What a new instance shall be.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Its name, its place and where it listens.
    pub instance: NewInstance,
    /// The key of the desktop that it trusts, in base64.
    pub desktop_public_key: String,
    /// Where its log files go; absent: `logs` in its folder, or wherever a configuration that is there says.
    pub log_dir: Option<PathBuf>,
    /// Who does its work; absent: this program, or whoever is named there already.
    pub runtime: Option<RuntimeChoice>,
    /// It becomes the instance that is meant when none is named.
    pub make_default: bool,
    /// Whether it shall start with the computer; absent: as it is, which is not for a new one.
    pub autostart: Option<bool>,
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
    /// How it does; `failed` where it was to be registered and could not be.
    pub autostart_method: String,
    /// Why that is not as it should be.
    #[serde(flatten)]
    pub autostart: Trouble,
}

impl Setup {
    /// An instance with the defaults of everything else.
    #[must_use]
    pub fn new(instance: NewInstance, desktop_public_key: impl Into<String>) -> Self {
        let desktop_public_key = desktop_public_key.into();
        Self {
            instance,
            desktop_public_key,
            log_dir: None,
            runtime: None,
            make_default: false,
            autostart: None,
        }
    }
}

impl Gateways {
    /// Creates an instance. A configuration that is in its folder already keeps whatever `setup` does not say.
    ///
    /// An instance that can't be registered to start with the computer is there all the same; the result says why.
    ///
    /// # Errors
    /// When the key, the name, the port or the folder can't be used or is another instance's, or a file can't be read
    /// or written. Then there is no such instance.
    pub fn setup_instance(&self, setup: Setup) -> Result<SetupResult, GatewayError> {
        let key = PublicKey::from_base64(&setup.desktop_public_key)
            .map_err(|reason| GatewayError::InvalidDesktopKey { reason })?;
        let log_dir = setup.log_dir.map(|folder| text(&folder)).transpose()?;
        check_readable(&setup.instance.folder(&self.data))?;
        let entry = registry::create(&self.data, setup.instance)?;
        let written = write_files(&entry, &key, log_dir, setup.runtime.as_ref());
        let settled = written.and_then(|config| self.settle_autostart(&entry, &config, setup.autostart));
        let autostart = settled.inspect_err(|_| {
            // The registry was fine a moment ago; if it no longer is, the first failure still says more.
            let _ = registry::remove(&self.data, &entry.name);
        })?;
        if setup.make_default {
            registry::set_default(&self.data, &entry.name)?;
        }
        Ok(SetupResult {
            instance_name: entry.name,
            instance_path: entry.path,
            host: entry.host,
            port: entry.port,
            autostart_registered: autostart.registered,
            autostart_method: autostart.method,
            autostart: autostart.trouble,
        })
    }
}

/// Before the registry knows of the instance: who is refused leaves no trace.
fn check_readable(folder: &Path) -> Result<(), GatewayError> {
    match Config::load(folder) {
        Ok(_) | Err(GatewayError::ConfigMissing { .. }) => RuntimeChoice::load(folder).map(drop),
        Err(damaged) => Err(damaged),
    }
}

fn write_files(
    entry: &InstanceEntry,
    key: &PublicKey,
    log_dir: Option<String>,
    runtime: Option<&RuntimeChoice>,
) -> Result<Config, GatewayError> {
    if let Some(runtime) = runtime {
        runtime.save(&entry.path)?;
    }
    Config::update(
        &entry.path,
        || Ok(Config::new(key)),
        |config| {
            config.desktop_public_key = key.to_base64();
            if let Some(log_dir) = log_dir {
                config.log_dir = log_dir;
            }
        },
    )
}

/// A background gateway has another current folder, and JSON knows texts only.
pub(super) fn text(folder: &Path) -> Result<String, GatewayError> {
    let folder = std::path::absolute(folder)
        .map_err(|source| GatewayError::System { action: "find the current folder", source })?;
    folder.into_os_string().into_string().map_err(|folder| GatewayError::NotText { path: folder.into() })
}
