//! Workspaces: made, set up, listed and removed.

use std::collections::HashSet;
use std::path::PathBuf;

use hiro_process::get_status;
use hirogateway::InstanceName;
use hirogateway::store;
use serde::Serialize;

use super::server;
use crate::Error;
use crate::context::Context;
use crate::database::{ChannelPlugin, Database};
use crate::runtime::plugin_process::BuiltIn;
use crate::workspace::config::config_file;
use crate::workspace::free_ports::{choose, is_listened_on};
use crate::workspace::registry::{self, NewWorkspace};
use crate::workspace::{WorkspaceConfig, WorkspaceEntry, WorkspaceRegistry, master_key};

/// The workspace that is made where there is none.
pub const DEFAULT_WORKSPACE: &str = "default";

/// A workspace as its owner knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkspaceInfo {
    /// Its name.
    pub name: String,
    /// Its id, which never changes.
    pub id: String,
    /// Whether it is meant when none is named.
    pub is_default: bool,
    /// Its folder.
    pub path: PathBuf,
    /// Where its HTTP API listens; absent where it has no configuration that can be read.
    pub http_port: Option<u16>,
    /// Where its plugins connect.
    pub plugin_port: Option<u16>,
    /// Its gateway.
    pub gateway_url: Option<String>,
    /// The name under which it logs in there.
    pub device_id: Option<String>,
    /// What is wrong with its configuration.
    pub last_error: Option<String>,
}

/// The workspace that is meant: the one that is named, by id or name, or else the default. Where there is none at all,
/// `default` is made.
///
/// # Errors
/// The registry can't be read or written, or there is no such workspace.
pub fn resolve_or_create(context: &Context, named: Option<&str>) -> Result<WorkspaceEntry, Error> {
    let named = named.filter(|name| !name.is_empty());
    if named.is_none() && registry::load(&context.data)?.workspaces.is_empty() {
        let name: InstanceName = DEFAULT_WORKSPACE.parse()?;
        match registry::create(&context.data, NewWorkspace { name, path: None, make_default: true }) {
            // Somebody else did it in the same moment.
            Err(Error::WorkspaceExists { .. }) => {}
            created => return created,
        }
    }
    resolve(context, named)
}

/// The workspace that is meant: the one that is named, by id or name, or else the default.
///
/// # Errors
/// The registry can't be read, or there is no such workspace.
pub fn resolve(context: &Context, named: Option<&str>) -> Result<WorkspaceEntry, Error> {
    Ok(registry::load(&context.data)?.resolve(named, None)?.clone())
}

/// Makes a workspace and sets it up.
///
/// # Errors
/// The name or the folder is another workspace's, or a file can't be written.
pub fn create(context: &Context, new: NewWorkspace) -> Result<WorkspaceInfo, Error> {
    let entry = registry::create(&context.data, new)?;
    set_up(context, &entry, None)?;
    show(context, Some(&entry.id))
}

/// Gives the workspace what it lacks: a configuration with ports that are free, a master key, and the channels `echo`
/// and `devices`. What is there stays as it is. The search for ports begins at those of its slot, or at `ports_from`.
///
/// # Errors
/// A file can't be understood or written, or no ports are free.
pub fn set_up(
    context: &Context,
    workspace: &WorkspaceEntry,
    ports_from: Option<u16>,
) -> Result<WorkspaceConfig, Error> {
    let config = store::update(&config_file(&workspace.path), |config: &mut Option<WorkspaceConfig>| {
        let present = match config.take() {
            Some(present) => present,
            None => new_config(context, workspace, ports_from)?,
        };
        Ok::<_, Error>(config.insert(present).clone())
    })?;
    let database = Database::open(&workspace.path)?;
    for plugin in [BuiltIn::Echo, BuiltIn::Devices] {
        if database.channel_plugin(plugin.name())?.is_none() {
            database.upsert_channel_plugin(&ChannelPlugin::new(plugin.name()))?;
        }
    }
    Ok(config)
}

/// All workspaces. One whose configuration can't be read is listed with the reason.
///
/// # Errors
/// The registry can't be read.
pub fn list(context: &Context) -> Result<Vec<WorkspaceInfo>, Error> {
    let registry = registry::load(&context.data)?;
    Ok(registry.workspaces.values().map(|entry| info(&registry, entry)).collect())
}

/// One workspace.
///
/// # Errors
/// The registry can't be read, or there is no such workspace.
pub fn show(context: &Context, named: Option<&str>) -> Result<WorkspaceInfo, Error> {
    let registry = registry::load(&context.data)?;
    Ok(info(&registry, registry.resolve(named, None)?))
}

/// Strikes a workspace out of the registry. Its files stay.
///
/// # Errors
/// There is no such workspace, its server is not stopped, or it is the default one and there are others.
pub fn remove(context: &Context, named: &str) -> Result<WorkspaceInfo, Error> {
    let registry = registry::load(&context.data)?;
    let entry = registry.resolve(Some(named), None)?;
    if get_status(&server::instance(&entry.path)?) != hiro_process::State::Stopped {
        return Err(Error::WorkspaceRunning { name: entry.name.clone() });
    }
    if registry.default_workspace == entry.id && registry.workspaces.len() > 1 {
        return Err(Error::WorkspaceIsDefault { name: entry.name.clone() });
    }
    let removed = info(&registry, entry);
    registry::remove(&context.data, &entry.id)?;
    Ok(removed)
}

/// Makes a workspace the one that is meant when none is named.
///
/// # Errors
/// There is no such workspace, or the registry can't be read or written.
pub fn set_default(context: &Context, named: &str) -> Result<WorkspaceInfo, Error> {
    registry::set_default(&context.data, &resolve(context, Some(named))?.id)?;
    show(context, Some(named))
}

fn new_config(
    context: &Context,
    workspace: &WorkspaceEntry,
    ports_from: Option<u16>,
) -> Result<WorkspaceConfig, Error> {
    let registry = registry::load(&context.data)?;
    let (range_start, slot) = match ports_from {
        Some(from) => (from, 0),
        None => (registry.port_range_start, workspace.port_slot),
    };
    let promised = promised_ports(context, &registry, workspace);
    let is_taken = |port: u16| promised.contains(&port) || is_listened_on(port);
    let ports = choose(range_start, slot, is_taken).ok_or(Error::NoFreePorts { from: range_start })?;
    let config = WorkspaceConfig::new(ports);
    // Before the configuration is there: a key that is missing afterwards was lost, and a new one would shut out every
    // device without a word.
    master_key::load_or_create(&config.master_key_path(&workspace.path))?;
    Ok(config)
}

/// The ports of the other workspaces and of the gateways, which may not run now.
fn promised_ports(
    context: &Context,
    registry: &WorkspaceRegistry,
    workspace: &WorkspaceEntry,
) -> HashSet<u16> {
    let others = registry.workspaces.values().filter(|other| other.id != workspace.id);
    let configs = others.filter_map(|other| WorkspaceConfig::load(&other.path).ok());
    let servers = configs.flat_map(|config| [config.http_port, config.plugin_port, config.admin_port]);
    let gateways = context.gateways.list().unwrap_or_default();
    servers.chain(gateways.iter().filter_map(|gateway| gateway.listen_port().ok())).collect()
}

fn info(registry: &WorkspaceRegistry, entry: &WorkspaceEntry) -> WorkspaceInfo {
    let (config, last_error) = match WorkspaceConfig::load(&entry.path) {
        Ok(config) => (Some(config), None),
        Err(error) => (None, Some(crate::error::with_causes(&error))),
    };
    WorkspaceInfo {
        name: entry.name.clone(),
        id: entry.id.clone(),
        is_default: registry.default_workspace == entry.id,
        path: entry.path.clone(),
        http_port: config.as_ref().map(|config| config.http_port),
        plugin_port: config.as_ref().map(|config| config.plugin_port),
        gateway_url: config.as_ref().map(|config| config.gateway_url.clone()),
        device_id: config.map(|config| config.device_id),
        last_error,
    }
}
