//! The gateway of a workspace: the one that trusts its key, or a new one.

use hiro_protocol::keys::PublicKey;
use hirogateway::config::Config;
use hirogateway::registry::{DEFAULT_PORT, InstanceEntry, NewInstance};
use hirogateway::service::Setup;
use hirogateway::{GatewayError, Gateways, InstanceName};

use crate::Error;
use crate::workspace::free_ports::is_listened_on;
use crate::workspace::{WorkspaceConfig, WorkspaceEntry};

/// The gateway that is made where none trusts the workspace yet.
const DEFAULT_GATEWAY: &str = "default";

/// Only programs of this machine reach it, until its owner says otherwise.
const HOST: &str = "127.0.0.1";

/// So many ports are tried.
const MAX_PORTS: u16 = 200;

/// The gateway that trusts `key`; a new one where there is none, on the first free port from `ports_from` on.
pub(super) fn ensure(
    gateways: &Gateways,
    workspace: &WorkspaceEntry,
    config: &WorkspaceConfig,
    key: &PublicKey,
    ports_from: Option<u16>,
) -> Result<InstanceEntry, Error> {
    if let Some(found) = trusting(gateways, key)? {
        return Ok(found);
    }
    let existing = gateways.list()?;
    let is_new = |name: &str| existing.iter().all(|entry| entry.name != name);
    let name = if is_new(DEFAULT_GATEWAY) { DEFAULT_GATEWAY } else { &workspace.name };
    let from = ports_from.unwrap_or(DEFAULT_PORT);
    let port = free_port(from, &existing, config).ok_or(Error::NoFreePorts { from })?;
    Ok(create(gateways, name.parse()?, port, key)?)
}

/// The first gateway that trusts `key`. One whose configuration can't be read may be it: so where no other is, that is
/// an error.
fn trusting(gateways: &Gateways, key: &PublicKey) -> Result<Option<InstanceEntry>, GatewayError> {
    let mut unreadable = None;
    for entry in gateways.list()? {
        match Config::load(&entry.path) {
            Ok(config) if config.desktop_public_key == key.to_base64() => return Ok(Some(entry)),
            Ok(_) => {}
            Err(error) => unreadable = unreadable.or(Some(error)),
        }
    }
    unreadable.map_or(Ok(None), Err)
}

fn create(
    gateways: &Gateways,
    name: InstanceName,
    port: u16,
    key: &PublicKey,
) -> Result<InstanceEntry, GatewayError> {
    let text = name.as_str().to_owned();
    let instance = NewInstance { name, host: HOST.to_owned(), port: port.into(), path: None };
    gateways.setup_instance(Setup::new(instance, key.to_base64()))?;
    gateways.resolve(Some(&text))
}

fn free_port(from: u16, existing: &[InstanceEntry], config: &WorkspaceConfig) -> Option<u16> {
    let of_server = [config.http_port, config.plugin_port, config.admin_port];
    (from..from.saturating_add(MAX_PORTS)).find(|port| {
        let promised = existing.iter().any(|entry| entry.port == i64::from(*port));
        !promised && !of_server.contains(port) && !is_listened_on(*port)
    })
}

#[cfg(test)]
mod tests {
    use hiro_protocol::keys::SecretKey;

    use super::*;

    #[test]
    fn the_gateway_that_trusts_the_key_is_the_workspaces_own_and_a_damaged_one_is_no_reason_for_another() {
        let folder = tempfile::tempdir().unwrap();
        let gateways = Gateways::new(folder.path(), ["hiro"]).unwrap();
        let key = || SecretKey::generate().public_key();
        let (first, second) = (key(), key());
        create(&gateways, "one".parse().unwrap(), 1, &first).unwrap();
        create(&gateways, "two".parse().unwrap(), 2, &second).unwrap();
        assert_eq!(trusting(&gateways, &second).unwrap().unwrap().name, "two");
        assert_eq!(trusting(&gateways, &key()).unwrap(), None);
        std::fs::write(folder.path().join("instances/one/config.json"), "{").unwrap();
        assert_eq!(trusting(&gateways, &second).unwrap().unwrap().name, "two");
        assert!(trusting(&gateways, &first).is_err());
    }
}
