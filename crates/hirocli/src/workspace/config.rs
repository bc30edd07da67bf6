//! How a workspace is configured: `config.json` in its folder.

use std::path::{Path, PathBuf};

use hiro_process::files::Durability;
use hirogateway::store;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Ports;
use crate::Error;

/// What `config.json` holds; missing keys take their defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkspaceConfig {
    /// The name under which the server logs in to its gateway.
    pub device_id: String,
    /// The gateway.
    pub gateway_url: String,
    /// Where the HTTP API listens.
    pub http_host: String,
    /// Where the HTTP API listens.
    pub http_port: u16,
    /// Where the channel plugins connect, always on the loopback interface.
    pub plugin_port: u16,
    /// Where the admin pages of the Python server are.
    pub admin_port: u16,
    /// The file with the master key, in the workspace's folder unless absolute.
    pub master_key_file: String,
    /// How many digits a pairing code has.
    pub pairing_code_length: usize,
    /// How long a pairing code holds.
    pub pairing_code_ttl_seconds: u64,
    /// How long a paired device is trusted.
    pub attestation_expires_days: u32,
    /// How much is logged: `DEBUG`, `INFO`, …
    pub log_level: String,
    /// Where the log files go; empty: `logs` in the workspace's folder.
    pub log_dir: String,
    /// Other levels for parts of the program.
    pub module_log_levels: Map<String, Value>,
    /// Whether figures are gathered.
    pub metrics_enabled: bool,
    /// How often, in seconds.
    pub metrics_interval: f64,
    /// How many of them are kept.
    pub metrics_history_size: u64,
    /// How the server starts with the computer.
    pub autostart_method: Option<String>,
    /// Keys of other versions.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Default for WorkspaceConfig {
    fn default() -> Self {
        Self {
            device_id: Uuid::new_v4().to_string(),
            gateway_url: "ws://localhost:8765".to_owned(),
            http_host: "127.0.0.1".to_owned(),
            http_port: 18080,
            plugin_port: 18081,
            admin_port: 18083,
            master_key_file: "master_key.pem".to_owned(),
            pairing_code_length: 6,
            pairing_code_ttl_seconds: 300,
            attestation_expires_days: 30,
            log_level: "INFO".to_owned(),
            log_dir: String::new(),
            module_log_levels: Map::new(),
            metrics_enabled: false,
            metrics_interval: 2.0,
            metrics_history_size: 1800,
            autostart_method: None,
            other: Map::new(),
        }
    }
}

impl WorkspaceConfig {
    /// The configuration of a new workspace with these ports, under a device id that nobody has used before.
    pub fn new(ports: Ports) -> Self {
        Self { http_port: ports.http, plugin_port: ports.plugin, admin_port: ports.admin, ..Self::default() }
    }

    /// The configuration in the workspace's folder.
    ///
    /// # Errors
    /// [`Error::ConfigMissing`] when there is none; otherwise why it can't be understood.
    pub fn load(workspace: &Path) -> Result<Self, Error> {
        let path = config_file(workspace);
        store::read(&path)?.ok_or(Error::ConfigMissing { path })
    }

    /// Writes the configuration into the workspace's folder.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn save(&self, workspace: &Path) -> Result<(), Error> {
        Ok(store::write(&config_file(workspace), self, Durability::Synced)?)
    }

    /// Changes the configuration in the workspace's folder; from the defaults when there is none.
    ///
    /// # Errors
    /// When the file can't be understood or written.
    pub fn update<R>(workspace: &Path, change: impl FnOnce(&mut Self) -> R) -> Result<R, Error> {
        store::update(&config_file(workspace), |config| Ok(change(config)))
    }

    /// The file with the master key.
    pub fn master_key_path(&self, workspace: &Path) -> PathBuf {
        workspace.join(&self.master_key_file)
    }

    /// Where the log files go.
    pub fn log_folder(&self, workspace: &Path) -> PathBuf {
        workspace.join(if self.log_dir.is_empty() { "logs" } else { &self.log_dir })
    }
}

/// The configuration file in a workspace's folder.
pub fn config_file(workspace: &Path) -> PathBuf {
    workspace.join("config.json")
}
