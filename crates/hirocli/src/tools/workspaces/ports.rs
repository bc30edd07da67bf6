//! Which ports are promised to somebody: in the configuration of a workspace or of a gateway, which may not run now.

use std::collections::HashMap;
use std::time::Duration;

use hiro_process::FileLock;

use crate::Error;
use crate::context::Context;
use crate::file_lock;
use crate::workspace::{WorkspaceConfig, WorkspaceEntry, WorkspaceRegistry};

/// How long somebody else may choose.
const TURN_PATIENCE: Duration = Duration::from_secs(30);

/// The right to choose ports, until what was chosen stands in a configuration.
pub(super) fn turn(context: &Context) -> Result<FileLock, Error> {
    let path = context.data.join("ports.lock");
    file_lock::take(&path, TURN_PATIENCE)?.ok_or(Error::PortsBusy { waited: TURN_PATIENCE })
}

/// The ports of the other workspaces and of the gateways, and what has them.
pub(super) fn promised(
    context: &Context,
    registry: &WorkspaceRegistry,
    workspace: &WorkspaceEntry,
) -> HashMap<u16, String> {
    let gateways = context.gateways.list().unwrap_or_default();
    let gateways =
        gateways.iter().filter_map(|gateway| Some((gateway.listen_port().ok()?, gateway.name.clone())));
    let others = registry.workspaces.values().filter(|other| other.id != workspace.id);
    let servers = others.filter_map(|other| Some((other, WorkspaceConfig::load(&other.path).ok()?)));
    let servers = servers.flat_map(|(other, config)| {
        [config.http_port, config.plugin_port, config.admin_port].map(|port| (port, other.name.clone()))
    });
    servers.chain(gateways).collect()
}

/// Gives the HTTP API of `workspace` another port, if nobody else has it.
pub(super) fn set_http(
    config: &mut WorkspaceConfig,
    port: u16,
    workspace: &str,
    promised: &HashMap<u16, String>,
) -> Result<(), Error> {
    let own = [config.plugin_port, config.admin_port].contains(&port).then_some(workspace);
    if let Some(owner) = own.or(promised.get(&port).map(String::as_str)) {
        return Err(Error::PortPromised { port, workspace: owner.to_owned() });
    }
    config.http_port = port;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_of_ones_own_plugins_or_of_another_workspace_is_refused() {
        let promised = HashMap::from([(7, "work".to_owned())]);
        let mut config = WorkspaceConfig { plugin_port: 5, admin_port: 6, ..WorkspaceConfig::default() };
        let mut set =
            |port| set_http(&mut config, port, "home", &promised).map_err(|error| error.to_string());
        assert_eq!(set(4), Ok(()));
        assert_eq!(set(5), Err("port 5 belongs to workspace `home` already".to_owned()));
        assert_eq!(set(7), Err("port 7 belongs to workspace `work` already".to_owned()));
        assert_eq!(config.http_port, 4);
    }
}
