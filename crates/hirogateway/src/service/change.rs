//! Changes how an instance is configured. What runs goes on as it is until its next start.

use std::path::PathBuf;

use hiro_protocol::keys::PublicKey;
use serde::Serialize;

use super::Gateways;
use super::setup::text;
use crate::autostart::Trouble;
use crate::config::Config;
use crate::error::GatewayError;
use crate::report::Runtime;
use crate::runtime::RuntimeChoice;

/// What shall be otherwise; what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// The key of the desktop that it trusts, in base64.
    pub desktop_public_key: Option<String>,
    /// Where its log files go.
    pub log_dir: Option<PathBuf>,
    /// Who does its work.
    pub runtime: Option<RuntimeChoice>,
    /// Where it serves `/metrics` and `/health`; 0: nowhere.
    pub metrics_port: Option<u16>,
    /// On which host.
    pub metrics_host: Option<String>,
    /// Whether it shall start with the computer.
    pub autostart: Option<bool>,
}

/// An instance as it is configured now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeResult {
    /// Its name.
    pub instance_name: String,
    /// Who does its work.
    pub runtime: Runtime,
    /// The uv workspace that it is run from.
    pub workspace_dir: Option<PathBuf>,
    /// Where its log files go.
    pub log_dir: PathBuf,
    /// Where it serves `/metrics` and `/health`.
    pub metrics_port: Option<u16>,
    /// On which host.
    pub metrics_host: Option<String>,
    /// Whether it starts with the computer.
    pub autostart_registered: bool,
    /// How it does.
    pub autostart_method: String,
    /// Why that is not as it should be.
    #[serde(flatten)]
    pub autostart: Trouble,
}

impl Gateways {
    /// Changes the configuration of an instance; keys that nobody here knows stay.
    ///
    /// # Errors
    /// When there is no such instance, the key is none, or a file can't be read or written.
    pub fn change_instance(
        &self,
        name: Option<&str>,
        changes: &Changes,
    ) -> Result<ChangeResult, GatewayError> {
        let entry = self.resolve(name)?;
        let key = changes.desktop_public_key.as_deref().map(PublicKey::from_base64).transpose();
        let key = key.map_err(|reason| GatewayError::InvalidDesktopKey { reason })?;
        let log_dir = changes.log_dir.as_deref().map(text).transpose()?;
        let missing = || Config::load(&entry.path);
        let config = Config::update(&entry.path, missing, |config| {
            if let Some(key) = &key {
                config.desktop_public_key = key.to_base64();
            }
            config.log_dir = log_dir.unwrap_or_else(|| config.log_dir.clone());
            config.metrics_port = changes.metrics_port.or(config.metrics_port).filter(|port| *port != 0);
            config.metrics_host = changes.metrics_host.clone().or_else(|| config.metrics_host.take());
        })?;
        if let Some(runtime) = &changes.runtime {
            runtime.save(&entry.path)?;
        }
        let runtime = RuntimeChoice::load(&entry.path)?;
        let autostart = self.settle_autostart(&entry, &config, changes.autostart)?;
        Ok(ChangeResult {
            log_dir: config.log_folder(&entry.path),
            metrics_port: config.metrics_port,
            metrics_host: config.metrics_host,
            runtime: runtime.runtime(),
            workspace_dir: match runtime {
                RuntimeChoice::Native => None,
                RuntimeChoice::Uv { workspace_dir } => Some(workspace_dir),
            },
            autostart_registered: autostart.registered,
            autostart_method: autostart.method,
            autostart: autostart.trouble,
            instance_name: entry.name,
        })
    }
}
