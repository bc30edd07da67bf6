//! Workspaces: made, set up, listed and chosen. How they are changed and taken away again is in the modules below.

mod autostart;
mod change;
mod ports;
mod purge;
mod remove;
mod setup;

use std::path::PathBuf;

use hirogateway::InstanceName;
use hirogateway::report::Runtime;
use hirogateway::runtime::RuntimeChoice;
use hirogateway::store;
use serde::Serialize;

pub use change::{Changes, WorkspaceChanged, change};
pub use remove::{WorkspaceRemoved, remove, teardown};
pub use setup::{Setup, SetupResult, setup};

use crate::Error;
use crate::context::Context;
use crate::database::{ChannelPlugin, Database};
use crate::error::with_causes;
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
    /// Where the admin pages of the Python server are.
    pub admin_port: Option<u16>,
    /// Which ports it was given when it was made.
    pub port_slot: u32,
    /// Whether it has a configuration that can be read.
    pub is_configured: bool,
    /// Who is its server: this program, or Python from a uv workspace.
    pub runtime: Runtime,
    /// How its server starts with the computer.
    pub autostart_method: Option<String>,
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

/// Makes a workspace and sets it up. `runtime` says who is its server; absent: this program.
///
/// # Errors
/// The name or the folder is another workspace's, or a file can't be written.
pub fn create(
    context: &Context,
    new: NewWorkspace,
    runtime: Option<RuntimeChoice>,
) -> Result<WorkspaceInfo, Error> {
    let entry = registry::create(&context.data, new)?;
    set_up(context, &entry, None)?;
    runtime.map_or(Ok(()), |runtime| runtime.save(&entry.path))?;
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
    // Two that choose in the same moment would choose the same ports.
    let _turn = match config_file(&workspace.path).exists() {
        true => None,
        false => Some(ports::turn(context)?),
    };
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
    let promised = ports::promised(context, &registry, workspace);
    let is_taken = |port: u16| promised.contains_key(&port) || is_listened_on(port);
    let ports = choose(range_start, slot, is_taken).ok_or(Error::NoFreePorts { from: range_start })?;
    let config = WorkspaceConfig::new(ports);
    // Before the configuration is there: a key that is missing afterwards was lost, and a new one would shut out every
    // device without a word.
    master_key::load_or_create(&config.master_key_path(&workspace.path))?;
    Ok(config)
}

fn info(registry: &WorkspaceRegistry, entry: &WorkspaceEntry) -> WorkspaceInfo {
    let (config, mut last_error) = match WorkspaceConfig::load(&entry.path) {
        Ok(config) => (Some(config), None),
        Err(error) => (None, Some(with_causes(&error))),
    };
    let runtime = RuntimeChoice::load(&entry.path).unwrap_or_else(|error| {
        last_error.get_or_insert_with(|| error.with_causes());
        RuntimeChoice::Native
    });
    let config = config.as_ref();
    WorkspaceInfo {
        name: entry.name.clone(),
        id: entry.id.clone(),
        is_default: registry.default_workspace == entry.id,
        path: entry.path.clone(),
        http_port: config.map(|config| config.http_port),
        plugin_port: config.map(|config| config.plugin_port),
        admin_port: config.map(|config| config.admin_port),
        port_slot: entry.port_slot,
        is_configured: config.is_some(),
        runtime: runtime.runtime(),
        autostart_method: config.and_then(|config| config.autostart_method.clone()),
        gateway_url: config.map(|config| config.gateway_url.clone()),
        device_id: config.map(|config| config.device_id.clone()),
        last_error,
    }
}
