//! The process of a plugin that comes with this program: `hiro plugin echo`, started by the server.
//!
//! It is ready once it has registered. Without a server it ends by itself, so that none outlives a killed one.

use std::path::Path;
use std::thread;
use std::time::Duration;

use hiro_channel_sdk::{Options, devices, echo};
use hiro_process::{Announced, Instance, StopRequest, announce};
use tokio_util::sync::CancellationToken;

use super::{logging, start_runtime};
use crate::Error;

/// How long a plugin goes on without a server: long enough for a restart.
const GIVE_UP_AFTER: Duration = Duration::from_secs(20);

/// A plugin that comes with this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltIn {
    /// Returns every message to its sender.
    Echo,
    /// The bridge to the devices behind the gateway.
    Devices,
}

impl BuiltIn {
    /// The plugin of that name, if it is one of these.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Echo, Self::Devices].into_iter().find(|plugin| plugin.name() == name)
    }

    /// The name under which it registers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Echo => echo::NAME,
            Self::Devices => devices::NAME,
        }
    }
}

/// Runs the plugin as the instance with the PID file `pid_file` until it is stopped, by its server or by a stop.
///
/// # Errors
/// The process can't be announced, the server refuses the plugin, or there has been no server for too long.
pub fn run(plugin: BuiltIn, pid_file: &Path, mut options: Options) -> Result<(), Error> {
    let instance = Instance::new(pid_file).map_err(|source| Error::Io {
        action: "use the PID file",
        path: pid_file.to_owned(),
        source,
    })?;
    let mut announced = announce(&instance, env!("CARGO_PKG_VERSION"))?;
    logging::start(&options.log_level);
    options.give_up_after = Some(GIVE_UP_AFTER);
    let shutdown = CancellationToken::new();
    cancel_on_request(&announced, shutdown.clone());
    serve(plugin, &options, &mut announced, &shutdown)?;
    end(announced)
}

fn cancel_on_request(announced: &Announced, shutdown: CancellationToken) {
    let requests = announced.stop_requests();
    thread::spawn(move || {
        if requests.wait().is_ok() {
            shutdown.cancel();
        }
    });
}

fn serve(
    plugin: BuiltIn,
    options: &Options,
    announced: &mut Announced,
    shutdown: &CancellationToken,
) -> Result<(), Error> {
    let mut announcement = Ok(());
    let on_registered = || {
        announcement = announced.ready();
        if announcement.is_err() {
            shutdown.cancel();
        }
    };
    let runtime = start_runtime()?;
    let served = runtime.block_on(async {
        match plugin {
            BuiltIn::Echo => echo::run(options, on_registered, shutdown.clone()).await,
            BuiltIn::Devices => devices::run(options, on_registered, shutdown.clone()).await,
        }
    });
    runtime.shutdown_background();
    announcement?;
    Ok(served?)
}

/// `channel.stop` is a request to stop like any other; the signal that may follow it only finds a process less.
fn end(mut announced: Announced) -> Result<(), Error> {
    announced.stopping()?;
    let request = announced.stop_requests().try_wait()?.unwrap_or(StopRequest::Requested);
    Ok(announced.withdraw(&request)?)
}
