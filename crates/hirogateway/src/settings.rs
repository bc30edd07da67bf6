//! What an instance needs to run, from its entry and its configuration, checked: by a start before it spawns, by the
//! process itself before it listens, and by a status that tells what is wrong.

use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hiro_protocol::keys::PublicKey;

use crate::config::{Config, config_file};
use crate::error::GatewayError;
use crate::foreground::ForegroundOptions;
use crate::listen_address;
use crate::registry::{DEFAULT_HOST, InstanceEntry, registry_file};
use crate::relay::{BusSettings, RelaySettings};
use crate::state::state_file;

/// The bus of a gateway of several nodes; empty: none, whatever its configuration says.
const BUS_VARIABLE: &str = "HIROGATE_BUS";

/// An instance that can run, as far as its files tell.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) config: Config,
    pub(crate) relay: RelaySettings,
    /// Instead of the one that is configured.
    log_folder: Option<PathBuf>,
}

impl Settings {
    /// Those of `entry`, which stands in the registry below `data`.
    pub(crate) fn load(data: &Path, entry: &InstanceEntry) -> Result<Self, GatewayError> {
        let config = Config::load(&entry.path)?;
        let relay = relay_settings(&config, &entry.path)?;
        let port = entry.listen_port().map_err(|_| GatewayError::PortInRegistry {
            path: registry_file(data),
            instance: entry.name.clone(),
            port: entry.port,
        })?;
        Ok(Self { host: entry.host.clone(), port, config, relay, log_folder: None })
    }

    /// Where the instance listens. A host with a name is looked up.
    pub(crate) fn address(&self) -> Result<SocketAddr, GatewayError> {
        listen_address::socket_address(&self.host, self.port)
            .map_err(|source| GatewayError::UnknownHost { host: self.host.clone(), source })
    }

    /// With what the command line says instead of the configuration.
    pub(crate) fn with(mut self, options: &ForegroundOptions) -> Self {
        if let Some(folder) = &options.log_dir {
            self.log_folder = Some(folder.clone());
        }
        self.config.metrics_port = options.metrics_port.or(self.config.metrics_port);
        self.config.metrics_host = options.metrics_host.clone().or(self.config.metrics_host);
        self
    }

    /// Where `/metrics` and `/health` are served, if anywhere: on this machine's own address unless a host is named.
    pub(crate) fn metrics_address(&self) -> Result<Option<SocketAddr>, GatewayError> {
        let Some(port) = self.config.metrics_port.filter(|port| *port != 0) else { return Ok(None) };
        let host =
            self.config.metrics_host.as_deref().filter(|host| !host.is_empty()).unwrap_or(DEFAULT_HOST);
        let address = listen_address::socket_address(host, port)
            .map_err(|source| GatewayError::UnknownHost { host: host.to_owned(), source })?;
        Ok(Some(address))
    }

    /// Whether other machines reach what listens on `address`, and could read along.
    pub(crate) fn is_exposed(&self, address: SocketAddr) -> bool {
        !address.ip().is_loopback() && !self.config.other.contains_key("tls_cert")
    }

    /// Where its log files go.
    pub(crate) fn log_folder(&self, instance_folder: &Path) -> PathBuf {
        self.log_folder.clone().unwrap_or_else(|| self.config.log_folder(instance_folder))
    }

    /// Where it is to be reached.
    pub(crate) fn url(&self) -> String {
        listen_address::url(&self.host, self.port)
    }
}

/// The environment comes before the file, as with every other setting.
fn bus_settings(config: &Config, folder: &Path) -> Result<Option<BusSettings>, GatewayError> {
    let from_environment = env::var(BUS_VARIABLE).ok();
    let (text, place) = match (&from_environment, &config.bus) {
        (Some(text), _) => (text, BUS_VARIABLE.to_owned()),
        (None, Some(text)) => (text, config_file(folder).display().to_string()),
        (None, None) => return Ok(None),
    };
    if text.is_empty() {
        return Ok(None);
    }
    let url = text.parse().map_err(|source| GatewayError::InvalidBusUrl { place, source })?;
    Ok(Some(BusSettings::new(url)))
}

fn relay_settings(config: &Config, folder: &Path) -> Result<RelaySettings, GatewayError> {
    let key = PublicKey::from_base64(&config.desktop_public_key)
        .map_err(|source| GatewayError::KeyInConfig { path: config_file(folder), source })?;
    let mut settings = RelaySettings::new(key);
    settings.state_file = Some(state_file(folder));
    settings.device_notices = config.device_notices;
    settings.bus = bus_settings(config, folder)?;
    Ok(settings)
}
