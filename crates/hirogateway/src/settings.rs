//! What an instance needs to run, from its entry and its configuration, checked: by a start before it spawns, by the
//! process itself before it listens, and by a status that tells what is wrong.

use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hiro_protocol::keys::PublicKey;
use serde::Deserialize;
use serde_json::Value;
use tracing::warn;

use crate::config::{Config, config_file};
use crate::error::GatewayError;
use crate::foreground::ForegroundOptions;
use crate::listen_address;
use crate::registry::{DEFAULT_HOST, InstanceEntry, registry_file};
use crate::relay::tls::Tls;
use crate::relay::{BusSettings, Limits, RelaySettings};
use crate::report::Runtime;
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

    /// The same for a process that may have so many descriptors: connections need one each, and the rest of the
    /// process some.
    pub(crate) fn within(mut self, descriptors: Option<usize>) -> Self {
        const FOR_THE_REST: usize = 64;
        let possible = descriptors.map_or(usize::MAX, |limit| limit.saturating_sub(FOR_THE_REST).max(1));
        let connections = &mut self.relay.limits.connections;
        if *connections > possible {
            warn!(wanted = *connections, possible, "the system allows fewer connections than configured");
            *connections = possible;
        }
        self
    }

    /// With what the command line says instead of the configuration.
    pub(crate) fn with(mut self, options: &ForegroundOptions) -> Self {
        if let Some(folder) = &options.log_dir {
            self.log_folder = Some(folder.clone());
        }
        if let Some(url) = &options.bus {
            self.relay.bus = Some(BusSettings::new(url.clone()));
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
        !address.ip().is_loopback() && self.relay.tls.is_none()
    }

    /// Where its log files go.
    pub(crate) fn log_folder(&self, instance_folder: &Path) -> PathBuf {
        self.log_folder.clone().unwrap_or_else(|| self.config.log_folder(instance_folder))
    }

    /// Where it is to be reached.
    pub(crate) fn url(&self, runtime: Runtime) -> String {
        listen_address::url(&self.host, self.port, speaks_tls(&self.config, runtime))
    }
}

/// Whether the configuration asks for TLS, as it stands; the Python gateway has none.
pub(crate) fn speaks_tls(config: &Config, runtime: Runtime) -> bool {
    let named = config.other.get("tls_cert").and_then(Value::as_str).is_some_and(|path| !path.is_empty());
    named && runtime == Runtime::Native
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
    settings.limits = limits(config, folder)?;
    settings.tls = tls(config, folder)?.map(Arc::new);
    Ok(settings)
}

/// A key of ours that the Python package ignores. It stays among the others, so that a rewrite keeps it as it is.
fn limits(config: &Config, folder: &Path) -> Result<Limits, GatewayError> {
    let Some(limits) = config.other.get("limits") else { return Ok(Limits::default()) };
    Limits::deserialize(limits)
        .map_err(|source| GatewayError::LimitsInConfig { path: config_file(folder), source })
}

/// Like `limits`; paths stand from the instance's folder on.
pub(crate) fn tls(config: &Config, folder: &Path) -> Result<Option<Tls>, GatewayError> {
    let path = |key: &str| {
        let text = config.other.get(key).and_then(Value::as_str).filter(|path| !path.is_empty());
        text.map(|path| folder.join(path))
    };
    match (path("tls_cert"), path("tls_key")) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some(Tls::load(certificate, key).map_err(Box::new)?)),
        _ => Err(GatewayError::HalfOfTls { path: config_file(folder) }),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use hiro_protocol::keys::SecretKey;
    use serde_json::{Value, json};

    use super::relay_settings;
    use crate::config::Config;
    use crate::error::GatewayError;
    use crate::relay::{Limits, RelaySettings};

    fn with(key: &str, value: Value) -> Result<RelaySettings, GatewayError> {
        let mut config = Config::new(&SecretKey::generate().public_key());
        config.other.insert(key.to_owned(), value);
        relay_settings(&config, Path::new("home"))
    }

    #[test]
    fn limits_that_are_left_out_have_their_defaults() {
        let limits = with("limits", json!({"connections": 7})).unwrap().limits;
        assert_eq!((limits.connections, limits.pairings), (7, Limits::default().pairings));
        assert_eq!(with("of_another_version", json!(1)).unwrap().limits, Limits::default());
    }

    #[test]
    fn a_limit_that_nobody_knows_and_one_that_is_no_number_are_told() {
        for limits in [json!({"conections": 7}), json!({"connections": "many"}), json!({"connections": -1})] {
            let refused = with("limits", limits.clone()).unwrap_err();
            assert!(matches!(refused, GatewayError::LimitsInConfig { .. }), "{limits}");
        }
    }

    #[test]
    fn a_certificate_without_its_key_and_files_that_are_not_there_are_told() {
        assert!(matches!(with("tls_cert", json!("tls.pem")), Err(GatewayError::HalfOfTls { .. })));
        let mut config = Config::new(&SecretKey::generate().public_key());
        for key in ["tls_cert", "tls_key"] {
            config.other.insert(key.to_owned(), json!("nowhere.pem"));
        }
        assert!(matches!(relay_settings(&config, Path::new("home")), Err(GatewayError::Tls(_))));
    }
}
