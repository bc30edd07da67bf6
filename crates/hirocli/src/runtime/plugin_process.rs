//! The process of a plugin that comes with this program: `hiro plugin echo`, started by the server.
//!
//! It is ready once it has registered. Without a server it ends by itself, so that none outlives a killed one.

use std::path::Path;
use std::time::Duration;

use hiro_channel_sdk::{Options, devices, echo, process};

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
    options.give_up_after = Some(GIVE_UP_AFTER);
    match plugin {
        BuiltIn::Echo => process::run(echo::Echo, &options, Some(pid_file))?,
        BuiltIn::Devices => process::run(devices::Devices::default(), &options, Some(pid_file))?,
    }
    Ok(())
}
