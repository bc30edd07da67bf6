//! What an instance needs to run, from its entry and its configuration, checked: by a start before it spawns, by the
//! process itself before it listens, and by a status that tells what is wrong.

use std::env;
use std::net::SocketAddr;
use std::path::Path;

use hiro_protocol::keys::PublicKey;

use crate::config::{Config, config_file};
use crate::error::GatewayError;
use crate::listen_address;
use crate::registry::{InstanceEntry, registry_file};
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
        Ok(Self { host: entry.host.clone(), port, config, relay })
    }

    /// Where the instance listens. A host with a name is looked up.
    pub(crate) fn address(&self) -> Result<SocketAddr, GatewayError> {
        listen_address::socket_address(&self.host, self.port)
            .map_err(|source| GatewayError::UnknownHost { host: self.host.clone(), source })
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
