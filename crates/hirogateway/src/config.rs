//! How one gateway instance is configured: `config.json` in its folder.

use std::path::{Path, PathBuf};

use hiro_process::files::Durability;
use hiro_process::{RotatingFile, Rotation};
use hiro_protocol::keys::PublicKey;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::GatewayError;
use crate::store;

/// The autostart label of an instance that does not start with the computer.
pub const AUTOSTART_SKIPPED: &str = "skipped";

/// What `config.json` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// The key of the desktop that this gateway trusts, in base64.
    pub desktop_public_key: String,
    /// Where the log files go; empty: `logs` in the instance's folder.
    #[serde(default)]
    pub log_dir: String,
    /// How the instance starts with the computer.
    #[serde(default = "autostart_skipped")]
    pub autostart_method: String,
    /// Whether the newest desktop is told which devices join and leave. Written only when it is off, as the Python
    /// package does not know the key.
    #[serde(default = "switched_on", skip_serializing_if = "is_on")]
    pub device_notices: bool,
    /// A log file of this many bytes is put aside; absent: 10 MiB. This key and those below are unknown to the Python
    /// package, too, and are written only where somebody has set them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_max_bytes: Option<u64>,
    /// How many old log files are kept; absent: 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_backups: Option<u32>,
    /// Where `/metrics` and `/health` are served; absent or 0: nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics_port: Option<u16>,
    /// On which host; absent: this machine alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics_host: Option<String>,
    /// The NATS server over which the nodes of this gateway find each other; absent: there is one node. The address may
    /// hold a password: the file is its owner's alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bus: Option<String>,
    /// Keys of other versions.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Config {
    /// A configuration with the defaults of everything but the key.
    pub fn new(desktop_public_key: &PublicKey) -> Self {
        Self {
            desktop_public_key: desktop_public_key.to_base64(),
            log_dir: String::new(),
            autostart_method: autostart_skipped(),
            device_notices: true,
            log_max_bytes: None,
            log_backups: None,
            metrics_port: None,
            metrics_host: None,
            bus: None,
            other: Map::new(),
        }
    }

    /// The configuration in the instance's folder.
    ///
    /// # Errors
    /// [`GatewayError::ConfigMissing`] when there is none; otherwise why it can't be understood.
    pub fn load(instance_folder: &Path) -> Result<Self, GatewayError> {
        let path = config_file(instance_folder);
        store::read(&path)?.ok_or(GatewayError::ConfigMissing { path })
    }

    /// Writes the configuration into the instance's folder.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn save(&self, instance_folder: &Path) -> Result<(), GatewayError> {
        Ok(store::write(&config_file(instance_folder), self, Durability::Synced)?)
    }

    /// Changes the configuration in the instance's folder, or the one that `missing` makes where there is none, with no
    /// other change of it in between.
    ///
    /// # Errors
    /// When the file can't be understood or written; it is then as it was.
    pub fn update(
        instance_folder: &Path,
        missing: impl FnOnce() -> Result<Self, GatewayError>,
        change: impl FnOnce(&mut Self),
    ) -> Result<Self, GatewayError> {
        store::update_or(&config_file(instance_folder), missing, |config: &mut Self| {
            change(config);
            Ok(config.clone())
        })
    }

    /// When the log file is put aside, and how many old ones are kept.
    pub fn log_rotation(&self) -> Rotation {
        let usual = RotatingFile::USUAL;
        Rotation {
            largest_bytes: self.log_max_bytes.unwrap_or(usual.largest_bytes),
            kept: self.log_backups.unwrap_or(usual.kept),
        }
    }

    /// The desktop's key.
    ///
    /// # Errors
    /// [`GatewayError::InvalidDesktopKey`] when the text is no key.
    pub fn desktop_key(&self) -> Result<PublicKey, GatewayError> {
        PublicKey::from_base64(&self.desktop_public_key)
            .map_err(|reason| GatewayError::InvalidDesktopKey { reason })
    }

    /// Where the log files of the instance go.
    pub fn log_folder(&self, instance_folder: &Path) -> PathBuf {
        log_folder(instance_folder, &self.log_dir)
    }
}

/// The configuration file in an instance's folder.
pub fn config_file(instance_folder: &Path) -> PathBuf {
    instance_folder.join("config.json")
}

/// Where the log files of the instance in that folder go: `log_dir`, or `logs` in the folder where that is empty.
pub fn log_folder(instance_folder: &Path, log_dir: &str) -> PathBuf {
    instance_folder.join(if log_dir.is_empty() { "logs" } else { log_dir })
}

fn autostart_skipped() -> String {
    AUTOSTART_SKIPPED.to_owned()
}

fn switched_on() -> bool {
    true
}

// The signature is serde's.
fn is_on(switch: &bool) -> bool {
    *switch
}
