//! The channel plugins of a running server: each enabled one is an instance and a child of the server, and is stopped
//! with it.
//!
//! Who starts them again is the supervision. How a plugin is run is in `command`.

mod child;
mod command;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hiro_process::{Identity, Launch, Stopped};
use hirogateway::InstanceName;
use serde_json::Value;
use tokio::task::spawn_blocking;

use super::supervision::{Child, Roster, STDERR_LIMIT};
use crate::Error;
use crate::channels::{Channels, Ended, Ownership, plugin_url};
use crate::context::Context;
use crate::database::{ChannelPlugin, Database};
use crate::server::{PluginTokens, RegisteredPlugins};
use crate::workspace::{WorkspaceConfig, WorkspaceEntry};
use child::{ChannelChild, ChannelRoster};
use command::Command;

/// The key of `config.json` that says how large the stderr log of a running plugin may grow, in bytes.
const STDERR_LIMIT_KEY: &str = "plugin_stderr_max_bytes";

/// The key of `config.json` that says how long a plugin may run before it has registered, in milliseconds.
const SILENCE_KEY: &str = "plugin_silence_ms";

/// As long as that is by default. One that takes longer runs on, and its status says so.
const SILENCE: Duration = Duration::from_secs(30);

/// Everything that the launch of a plugin depends on, besides its own row.
#[derive(Debug)]
pub struct Launcher {
    context: Context,
    channels: Channels,
    workspace: PathBuf,
    workspace_name: String,
    server: Identity,
    access: PluginAccess,
    stderr_limit: u64,
    silence: Duration,
    options: [(&'static str, String); 3],
}

/// Who may register, and who has.
#[derive(Debug, Clone, Default)]
pub struct PluginAccess {
    /// The plugins that were started.
    pub tokens: PluginTokens,
    /// Those that have registered.
    pub registered: RegisteredPlugins,
}

/// The plugins of one server, from its readiness to its end.
#[derive(Debug)]
pub struct Plugins {
    launcher: Arc<Launcher>,
    right: Ownership,
}

impl Launcher {
    /// Launches plugins for the server `server` of `workspace`. Each launch gets a token.
    #[must_use]
    pub fn new(
        context: &Context,
        workspace: &WorkspaceEntry,
        config: &WorkspaceConfig,
        server: Identity,
        access: PluginAccess,
    ) -> Self {
        let options = [
            ("--hiro-ws", plugin_url(config.plugin_port)),
            ("--log-dir", config.log_folder(&workspace.path).display().to_string()),
            ("--log-level", config.log_level.clone()),
        ];
        Self {
            context: context.clone(),
            channels: Channels::of(&workspace.path),
            workspace: workspace.path.clone(),
            workspace_name: workspace.name.clone(),
            server,
            access,
            stderr_limit: number(config, STDERR_LIMIT_KEY).unwrap_or(STDERR_LIMIT),
            silence: number(config, SILENCE_KEY).map_or(SILENCE, Duration::from_millis),
            options,
        }
    }

    fn launch(&self, name: &InstanceName, command: &Command) -> Result<Launch, Error> {
        let command = &command.as_can_be_run();
        let log = self.channels.stderr_log(name);
        let instance = self.channels.instance(name)?;
        let launch = command.launch(&self.context.program, instance.pid_file(), &self.server, log);
        // Who comes with this program shows its token; of others it is not known whether they do.
        let token = match command {
            Command::BuiltIn(_) => self.access.tokens.issue(name.as_str()),
            _ => self.access.tokens.issue_to(name.as_str(), &instance),
        };
        let launch = launch.variable(hiro_channel_sdk::Options::TOKEN_VARIABLE, token);
        let options = self.options.iter().flat_map(|(option, value)| [(*option).to_owned(), value.clone()]);
        Ok(launch.variable("HIRO_WORKSPACE", &self.workspace_name).args(options))
    }
}

impl Plugins {
    /// The plugins of a server that has the right to them.
    #[must_use]
    pub fn new(launcher: Launcher, right: Ownership) -> Self {
        Self { launcher: Arc::new(launcher), right }
    }

    /// Where a plugin is found that somebody wants to be started.
    #[must_use]
    pub fn roster(&self) -> Box<dyn Roster> {
        Box::new(ChannelRoster { launcher: self.launcher.clone() })
    }

    /// The enabled plugins. A row that can't be used is logged and hides no other.
    ///
    /// # Errors
    /// The workspace's database can't be read.
    pub fn enabled(&self) -> Result<Vec<Arc<dyn Child>>, Error> {
        let listing = Database::open(&self.launcher.workspace)?.channel_plugins()?;
        for bad in listing.bad_rows {
            tracing::error!(name = bad.key, reason = bad.reason, "the row of a plugin is damaged");
        }
        let enabled = listing.rows.into_iter().filter(|row| row.enabled);
        Ok(enabled.filter_map(|row| self.child(&row)).collect())
    }

    /// Those that are registered now: the server is about to tell them to stop.
    #[must_use]
    pub fn registered(&self) -> Vec<String> {
        self.launcher.access.registered.names()
    }

    /// Stops every channel instance and waits until none is left. Those that were `told` to stop get time to do so.
    pub async fn stop(self, told: Vec<String>) {
        let Self { launcher, right } = self;
        let stopped = spawn_blocking(move || {
            launcher.wait_for_ends(&told);
            launcher.channels.stop_all(&right)
        });
        match stopped.await {
            Ok(Ok(ended)) => report(&ended),
            Ok(Err(error)) => tracing::error!(%error, "can't stop the plugins"),
            Err(error) => tracing::error!(%error, "stopping the plugins failed"),
        }
    }

    fn child(&self, row: &ChannelPlugin) -> Option<Arc<dyn Child>> {
        let name = match row.name.parse() {
            Ok(name) => name,
            Err(error) => {
                tracing::error!(%error, "a plugin has a name that no file can have");
                return None;
            }
        };
        match ChannelChild::new(self.launcher.clone(), name, row) {
            Ok(child) => Some(Arc::new(child)),
            Err(error) => {
                tracing::error!(name = %row.name, %error, "a plugin has no place for its files");
                None
            }
        }
    }
}

fn number(config: &WorkspaceConfig, key: &str) -> Option<u64> {
    config.other.get(key).and_then(Value::as_u64)
}

/// Says in the log which plugins did not end by themselves, or not at all.
pub(super) fn report(ended: &[Ended]) {
    for Ended { name, outcome } in ended {
        match outcome {
            Err(error) => tracing::error!(%name, %error, "can't stop a plugin"),
            Ok(Stopped::Killed(process)) => {
                tracing::warn!(%name, pid = process.pid.get(), "a plugin did not end and was killed");
            }
            Ok(_) => {}
        }
    }
}
