//! The channels of a workspace from outside: their rows, and what is to become of their plugins. Every function returns
//! data.
//!
//! What changes is the database. Where the server runs it carries the change out at once; otherwise its next start does.

mod overseer;

use std::path::PathBuf;

use hiro_channel_sdk::devices;
use hiro_process::get_status;
use hirogateway::InstanceName;
use hirogateway::report::{InstanceReport, Kind, Runtime};
use serde::Serialize;
use serde_json::{Map, Value};

use super::server;
use crate::Error;
use crate::channels::Channels;
use crate::database::{ChannelPlugin, Database};
use crate::runtime::supervision::Rules;
use crate::server::{ChildOrder, ChildOutcome, RULES};
use crate::workspace::WorkspaceEntry;

pub use overseer::{OverHttp, Overseer};

/// A channel: its row, and how its plugin is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChannelInfo {
    /// Its name within the workspace.
    pub channel: String,
    /// Whether its plugin is started with the server.
    pub enabled: bool,
    /// Program and arguments; empty: `hiro-channel-<name>`.
    pub command: Vec<String>,
    /// The uv workspace that it runs in; empty: none.
    pub workspace_dir: String,
    /// What the plugin is told.
    pub config: Map<String, Value>,
    /// How the plugin is.
    #[serde(flatten)]
    pub report: InstanceReport,
}

/// What has become of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChannelChanged {
    /// The channel.
    pub channel: String,
    /// Whether its plugin is started with the server from now on.
    pub enabled: bool,
    /// Whether the server runs and has carried it out.
    pub applied: bool,
    /// The plugin's process now, where one runs.
    pub pid: Option<u32>,
    /// The plugin's process before, where one ran.
    pub was_pid: Option<u32>,
}

/// What to change of a row.
#[derive(Debug, Clone, Default)]
pub struct ChannelChange {
    /// Another command.
    pub command: Option<Vec<String>>,
    /// Another uv workspace; empty: none.
    pub workspace_dir: Option<PathBuf>,
    /// Whether it is to be enabled.
    pub enabled: Option<bool>,
    /// Keys of the configuration and their new values.
    pub set: Vec<(String, Value)>,
    /// Keys of the configuration that go.
    pub unset: Vec<String>,
}

/// Whether a row has to be there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It must not.
    New,
    /// It must.
    Present,
    /// Either is fine.
    Either,
}

/// The channels by name, the disabled ones too.
///
/// # Errors
/// The database can't be read.
pub fn list(workspace: &WorkspaceEntry) -> Result<Vec<ChannelInfo>, Error> {
    let Some(database) = Database::look(&workspace.path)? else { return Ok(Vec::new()) };
    let reports = server::reports(workspace, false)?;
    database.channel_plugins()?.rows.into_iter().map(|row| info(workspace, row, &reports)).collect()
}

/// One channel.
///
/// # Errors
/// There is none of that name, or the database can't be read.
pub fn show(workspace: &WorkspaceEntry, name: &str) -> Result<ChannelInfo, Error> {
    let found = list(workspace)?.into_iter().find(|channel| channel.channel == name);
    found.ok_or_else(|| Error::ChannelUnknown { name: name.to_owned() })
}

/// Enters or changes a channel, and has its plugin run as it is configured then.
///
/// # Errors
/// The row is there and must not be, or the other way round; the rules of its supervision can't be used; the mandatory channel can't be disabled; the database can't
/// be written; the server runs and can't carry it out.
pub fn change(
    workspace: &WorkspaceEntry,
    name: &InstanceName,
    presence: Presence,
    change: ChannelChange,
    overseer: &dyn Overseer,
) -> Result<ChannelChanged, Error> {
    let database = Database::open(&workspace.path)?;
    let row = match (database.channel_plugin(name.as_str())?, presence) {
        (None, Presence::Present) => return Err(Error::ChannelUnknown { name: name.to_string() }),
        (Some(_), Presence::New) => return Err(Error::ChannelExists { name: name.to_string() }),
        (row, _) => row.unwrap_or_else(|| ChannelPlugin::new(name.as_str())),
    };
    refuse_rules(name, &change.set)?;
    let row = changed(row, change);
    refuse_mandatory(name.as_str(), "disabled", !row.enabled)?;
    database.upsert_channel_plugin(&row)?;
    apply(
        workspace,
        name.as_str(),
        row.enabled,
        if row.enabled { ChildOrder::Restart } else { ChildOrder::Stop },
        overseer,
    )
}

/// Enables a channel and starts its plugin, or disables it and stops it.
///
/// # Errors
/// There is none of that name; it can't be disabled; the server runs and can't carry it out.
pub fn set_enabled(
    workspace: &WorkspaceEntry,
    name: &str,
    enabled: bool,
    overseer: &dyn Overseer,
) -> Result<ChannelChanged, Error> {
    refuse_mandatory(name, "disabled", !enabled)?;
    if !Database::open(&workspace.path)?.set_channel_plugin_enabled(name, enabled)? {
        return Err(Error::ChannelUnknown { name: name.to_owned() });
    }
    apply(workspace, name, enabled, if enabled { ChildOrder::Start } else { ChildOrder::Stop }, overseer)
}

/// Stops the plugin of a channel and strikes the channel out.
///
/// # Errors
/// There is none of that name; it can't be removed; the server runs and can't stop the plugin.
pub fn remove(
    workspace: &WorkspaceEntry,
    name: &str,
    overseer: &dyn Overseer,
) -> Result<ChannelChanged, Error> {
    refuse_mandatory(name, "removed", true)?;
    show(workspace, name)?;
    let changed = apply(workspace, name, false, ChildOrder::Stop, overseer)?;
    Database::open(&workspace.path)?.remove_channel_plugin(name)?;
    Ok(changed)
}

/// Starts, stops or restarts the plugin of a channel, which the server does.
///
/// # Errors
/// There is no channel of that name, it is disabled, the server does not run, or can't carry it out.
pub fn order(
    workspace: &WorkspaceEntry,
    name: &str,
    order: ChildOrder,
    overseer: &dyn Overseer,
) -> Result<ChannelChanged, Error> {
    let channel = show(workspace, name)?;
    if !channel.enabled && order != ChildOrder::Stop {
        return Err(Error::ChannelDisabled { name: name.to_owned() });
    }
    let changed = apply(workspace, name, channel.enabled, order, overseer)?;
    if !changed.applied && order != ChildOrder::Stop {
        return Err(server::away(workspace)?);
    }
    Ok(changed)
}

/// What there is to say instead of installing the package of a channel.
#[must_use]
pub fn not_installed(name: &InstanceName, package: Option<&str>) -> Error {
    let package = package.map_or_else(|| format!("hiro-channel-{name}"), str::to_owned);
    Error::NotInstalledHere { name: name.to_string(), package }
}

/// A server that finds rules that it can't use takes the usual ones: whoever has misspelt one would not learn of it.
fn refuse_rules(name: &InstanceName, set: &[(String, Value)]) -> Result<(), Error> {
    let mut rules = set.iter().filter(|(key, _)| key == RULES);
    rules.try_for_each(|(_, value)| match Rules::from_json(value) {
        Ok(_) => Ok(()),
        Err(source) => Err(Error::RulesRefused { name: name.to_string(), source }),
    })
}

/// The words of a command that is one text.
#[must_use]
pub fn words(command: &str) -> Vec<String> {
    command.split_whitespace().map(str::to_owned).collect()
}

fn info(
    workspace: &WorkspaceEntry,
    row: ChannelPlugin,
    reports: &[InstanceReport],
) -> Result<ChannelInfo, Error> {
    let called = Kind::Channel.instance_name(&format!("{}/{}", workspace.name, row.name));
    let report = match reports.iter().find(|report| report.name == called) {
        Some(report) => report.clone(),
        None => resting(workspace, &row)?,
    };
    let ChannelPlugin { name, enabled, command, config, workspace_dir } = row;
    Ok(ChannelInfo { channel: name, enabled, command, workspace_dir, config, report })
}

/// A channel that is disabled and of which nothing is left.
fn resting(workspace: &WorkspaceEntry, row: &ChannelPlugin) -> Result<InstanceReport, Error> {
    let (name, channels) = (row.name.parse::<InstanceName>()?, Channels::of(&workspace.path));
    let instance = channels.instance(&name)?;
    let runtime = if row.workspace_dir.is_empty() { Runtime::Native } else { Runtime::Uv };
    let called = format!("{}/{name}", workspace.name);
    let mut report = InstanceReport::new(Kind::Channel, &called, &instance, &get_status(&instance), runtime);
    report.stderr_log = channels.stderr_log(&name);
    Ok(report)
}

fn changed(row: ChannelPlugin, change: ChannelChange) -> ChannelPlugin {
    let mut config = row.config;
    config.extend(change.set);
    config.retain(|key, _| !change.unset.contains(key));
    ChannelPlugin {
        config,
        command: change.command.unwrap_or(row.command),
        workspace_dir: change.workspace_dir.map_or(row.workspace_dir, |folder| folder.display().to_string()),
        enabled: change.enabled.unwrap_or(row.enabled),
        name: row.name,
    }
}

/// Without the bridge to the gateway a server is cut off from all devices.
fn refuse_mandatory(name: &str, action: &'static str, is_concerned: bool) -> Result<(), Error> {
    match is_concerned && name == devices::NAME {
        true => Err(Error::ChannelMandatory { name: name.to_owned(), action }),
        false => Ok(()),
    }
}

fn apply(
    workspace: &WorkspaceEntry,
    name: &str,
    enabled: bool,
    order: ChildOrder,
    overseer: &dyn Overseer,
) -> Result<ChannelChanged, Error> {
    let called = Kind::Channel.instance_name(&format!("{}/{name}", workspace.name));
    let outcome = overseer.order(workspace, &called, order)?;
    let applied = outcome.is_some();
    let ChildOutcome { pid, was_pid } = outcome.unwrap_or(ChildOutcome { pid: None, was_pid: None });
    Ok(ChannelChanged { channel: name.to_owned(), enabled, applied, pid, was_pid })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_asked_for_changes_of_a_row() {
        let config = Map::from_iter([("a".to_owned(), json!(1)), ("b".to_owned(), json!(2))]);
        let row = ChannelPlugin { config, command: vec!["x".into()], ..ChannelPlugin::new("n") };
        assert_eq!(changed(row.clone(), ChannelChange::default()), row);
        let change = ChannelChange {
            set: vec![("b".to_owned(), json!("two")), ("c".to_owned(), json!(3))],
            unset: vec!["a".to_owned()],
            enabled: Some(false),
            ..ChannelChange::default()
        };
        let row = changed(row, change);
        assert_eq!(json!(row.config), json!({"b": "two", "c": 3}));
        assert_eq!((row.enabled, row.command), (false, vec!["x".to_owned()]));
    }

    #[test]
    fn the_bridge_to_the_gateway_can_be_neither_disabled_nor_removed() {
        assert!(refuse_mandatory("devices", "removed", true).is_err());
        assert!(refuse_mandatory("devices", "disabled", false).is_ok());
        assert!(refuse_mandatory("echo", "removed", true).is_ok());
    }
}
