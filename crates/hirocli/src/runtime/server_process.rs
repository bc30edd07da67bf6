//! The server process of a workspace: an instance that owns the ports, the server on them, and the channel plugins.
//!
//! Order of the start: announce, the right to the channels, the end of what a killed server left of them, ports, ready,
//! plugins, the watch over the services. Order of the end: `stopping`, the server with its sockets, the plugins, the PID
//! file. The services go on: they belong to the workspace, not to its server.

mod account;
mod events;
mod listeners;
mod serve;

use std::time::Duration;

use hiro_process::{Announced, announce};

use super::plugins::{self, Launcher, PluginAccess, Plugins};
use super::services::{Orders, Watch};
use super::{logging, start_runtime};
use crate::Error;
use crate::channels::{Channels, Ownership};
use crate::context::Context;
use crate::server::{Events, PluginTokens, RegisteredPlugins, Settings, Supervision};
use crate::tools::{self, server::RunOptions};
use crate::workspace::{WorkspaceConfig, WorkspaceEntry, master_key};
use serve::Service;

/// The name of the server's log.
const SERVER_LOG: &str = "server.log";

/// How long whoever clears up after a killed server may take.
const TURN_PATIENCE: Duration = Duration::from_secs(30);

/// Is the server process of `workspace` until somebody asks it to stop, or it has a successor.
///
/// # Errors
/// It runs already, its configuration or key can't be used, a port is taken (the error names the holder), or a part of
/// it panicked.
pub fn run(context: &Context, workspace: &WorkspaceEntry, options: RunOptions) -> Result<(), Error> {
    let announced = announce(&tools::server::instance(&workspace.path)?, env!("CARGO_PKG_VERSION"))?;
    let mut config = WorkspaceConfig::load(&workspace.path)?;
    config.metrics_enabled |= options.metrics;
    logging::start_with_file(&config.log_level, &config.log_folder(&workspace.path).join(SERVER_LOG));
    let secret_key = master_key::load(&config.master_key_path(&workspace.path))?;
    let right = take_over_channels(workspace)?;
    let listeners = listeners::bind(&config)?;
    let plugin_tokens = PluginTokens::default();
    let events = Events::default();
    let registered = RegisteredPlugins::default();
    let access = PluginAccess { tokens: plugin_tokens.clone(), registered: registered.clone() };
    let launcher = Launcher::new(context, workspace, &config, announced.identity(), access);
    let launch = tools::server::launch(context, workspace, &config, options)?;
    let supervision = Supervision::new(events.clone());
    let settings = Settings {
        workspace: workspace.clone(),
        home: context.clone(),
        config,
        secret_key,
        plugin_tokens,
        events,
        supervision,
        plugins: registered,
    };
    let watch = Watch::new(context, workspace, settings.supervision.clone());
    let orders = Orders::new(context, workspace);
    let service = Service { settings, plugins: Plugins::new(launcher, right), launch, watch, orders };
    serve_until_asked(announced, listeners, service)
}

fn serve_until_asked(
    announced: Announced,
    listeners: listeners::Bound,
    service: Service,
) -> Result<(), Error> {
    let runtime = start_runtime()?;
    let served = runtime.block_on(serve::serve(announced, listeners, service));
    // A start that still waits for its plugin must not hold up the end.
    runtime.shutdown_background();
    let (announced, request) = served?;
    Ok(announced.withdraw(&request)?)
}

/// Takes the right to the channels for life, and ends the plugins that a killed server has left behind.
fn take_over_channels(workspace: &WorkspaceEntry) -> Result<Ownership, Error> {
    let channels = Channels::of(&workspace.path);
    let right = channels
        .own(TURN_PATIENCE)?
        .ok_or_else(|| Error::ChannelsBusy { workspace: workspace.name.clone(), waited: TURN_PATIENCE })?;
    plugins::report(&channels.stop_all(&right)?);
    Ok(right)
}
