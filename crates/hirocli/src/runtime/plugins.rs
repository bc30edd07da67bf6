//! The channel plugins of a running server: each enabled one is an instance, is started again when it crashes, and is
//! stopped with the server.
//!
//! What blocks (a start, a stop, a look at the files) runs on threads that may. How a plugin is run is in `command`.

mod command;
mod keeper;

use std::sync::Arc;
use std::time::Duration;

use hiro_process::{Identity, Launch, Stopped};
use hirogateway::InstanceName;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::channels::{Channels, Ended, Ownership, plugin_url};
use crate::context::Context;
use crate::database::{ChannelPlugin, Database};
use crate::server::PluginTokens;
use crate::workspace::{WorkspaceConfig, WorkspaceEntry};
use command::Command;

/// How long the end of a server waits for plugins that are just being started.
const SETTLE_PATIENCE: Duration = Duration::from_secs(3);

/// Everything that the launch of a plugin depends on, besides its own row.
#[derive(Debug)]
pub struct Launcher {
    context: Context,
    channels: Channels,
    workspace_name: String,
    server: Identity,
    tokens: PluginTokens,
    options: [(&'static str, String); 3],
}

/// The plugins of one server, from its readiness to its end.
#[derive(Debug)]
pub struct Plugins {
    channels: Channels,
    right: Ownership,
    keepers: JoinSet<()>,
    stop: CancellationToken,
}

impl Launcher {
    /// Launches plugins for the server `server` of `workspace`. Those that come with this program get a token each.
    #[must_use]
    pub fn new(
        context: &Context,
        workspace: &WorkspaceEntry,
        config: &WorkspaceConfig,
        server: Identity,
        tokens: PluginTokens,
    ) -> Self {
        let options = [
            ("--hiro-ws", plugin_url(config.plugin_port)),
            ("--log-dir", config.log_folder(&workspace.path).display().to_string()),
            ("--log-level", config.log_level.clone()),
        ];
        Self {
            context: context.clone(),
            channels: Channels::of(&workspace.path),
            workspace_name: workspace.name.clone(),
            server,
            tokens,
            options,
        }
    }

    fn launch(&self, name: &InstanceName, command: &Command) -> Result<Launch, Error> {
        let log = self.channels.stderr_log(name);
        let instance = self.channels.instance(name)?;
        let launch = command.launch(&self.context.program, instance.pid_file(), &self.server, log);
        let launch = match command {
            // A name with a token is for the holder alone, so whoever does not know of tokens must not have one.
            Command::BuiltIn(_) => {
                launch.variable(hiro_channel_sdk::Options::TOKEN_VARIABLE, self.tokens.issue(name.as_str()))
            }
            _ => launch.without_variable(hiro_channel_sdk::Options::TOKEN_VARIABLE),
        };
        let options = self.options.iter().flat_map(|(option, value)| [(*option).to_owned(), value.clone()]);
        Ok(launch.variable("HIRO_WORKSPACE", &self.workspace_name).args(options))
    }
}

impl Plugins {
    /// Begins to start `plugins`, all at the same time. A plugin that can't be started is reported in the log and by its
    /// own state; the others go on.
    #[must_use]
    pub fn start(launcher: Launcher, plugins: Vec<(InstanceName, ChannelPlugin)>, right: Ownership) -> Self {
        let stop = CancellationToken::new();
        let channels = launcher.channels.clone();
        let launcher = Arc::new(launcher);
        let mut keepers = JoinSet::new();
        for (name, plugin) in plugins {
            keepers.spawn(keeper::keep(launcher.clone(), name, plugin, stop.clone()));
        }
        Self { channels, right, keepers, stop }
    }

    /// Starts no plugin any more, and waits for those that are just being started, but not for long: while the server
    /// still serves they need no time.
    pub async fn settle(&mut self) {
        self.stop.cancel();
        let all = async { while self.keepers.join_next().await.is_some() {} };
        if timeout(SETTLE_PATIENCE, all).await.is_err() {
            tracing::warn!("a plugin was still being started when the server ended");
        }
    }

    /// Stops every channel instance and waits until none is left.
    pub async fn stop(mut self) {
        self.settle().await;
        let (channels, right) = (self.channels, self.right);
        match spawn_blocking(move || channels.stop_all(&right)).await {
            Ok(Ok(ended)) => report(&ended),
            Ok(Err(error)) => tracing::error!(%error, "can't stop the plugins"),
            Err(error) => tracing::error!(%error, "stopping the plugins failed"),
        }
    }
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

/// The enabled plugins. A row that can't be used is logged and hides no other.
///
/// # Errors
/// The workspace's database can't be read.
pub fn enabled(workspace: &WorkspaceEntry) -> Result<Vec<(InstanceName, ChannelPlugin)>, Error> {
    let listing = Database::open(&workspace.path)?.channel_plugins()?;
    for bad in listing.bad_rows {
        tracing::error!(name = bad.key, reason = bad.reason, "the row of a plugin is damaged");
    }
    let mut plugins = Vec::new();
    for plugin in listing.rows.into_iter().filter(|plugin| plugin.enabled) {
        match plugin.name.parse() {
            Ok(name) => plugins.push((name, plugin)),
            Err(error) => tracing::error!(%error, "a plugin has a name that no file can have"),
        }
    }
    Ok(plugins)
}
