//! What can be typed.

mod channels;
mod workspaces;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use hiro_process::Identity;

pub(super) use workspaces::{
    RuntimeName, RuntimeOption, SetupWords, Uninstall, UpdateWords, WorkspaceCommand,
};

pub(super) use channels::{Channel, ChannelCommand, Row};

use super::devices::DeviceCommand;
use super::logs::LogsCommand;
use super::metrics::MetricsCommand;
use super::service_arguments::ServiceCommand;
use crate::runtime::plugin_process::BuiltIn;
use crate::tools::server::RunOptions;

/// Hiro League on this machine: a server with its channels, and a gateway for its devices
#[derive(Debug, Parser)]
#[command(name = "hiro", version, after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    /// Print the result as JSON
    #[arg(long, global = true)]
    pub(super) json: bool,
}

const AFTER_HELP: &str = "\
Exit codes: 0 it is as asked, 1 it failed, 2 usage.
`status NAME`: 0 ready, 3 stopped, 4 crashed, 5 in between or not to be told.

Environment:
  HIRO_WORKSPACE    the workspace that is meant when none is named
  HIRO_DATA_DIR     where the workspaces are [default: `hiro` in the user's data folder]";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Bring up a gateway, a server with its channels, and all services, from nothing if need be
    Up(Up),
    /// Stop everything
    Down,
    /// Pair a throw-away device and send a message all the way to the echo and back
    Demo(Demo),
    /// Say how everything is, or one instance
    Status {
        /// The instance: `server:WORKSPACE`, `gateway:NAME`, `channel:WORKSPACE/NAME` or
        /// `service:WORKSPACE/NAME`
        name: Option<String>,
        /// Only what belongs to this workspace, by name or id
        #[arg(short = 'W', long, conflicts_with = "name")]
        workspace: Option<String>,
    },
    /// Start the server of a workspace in the background and wait until it is ready
    Start(Start),
    /// Stop the server of a workspace and its channels
    Stop(Which),
    /// Stop the server of a workspace, if it runs, and start it
    Restart(Start),
    /// List, add, change, start and stop the channels of a workspace
    Channel(Channel),
    /// Stop the server of a workspace for good, and say how to remove the program
    Uninstall(Uninstall),
    /// Create, set up, list, change and remove workspaces
    Workspaces {
        #[command(subcommand)]
        command: WorkspaceCommand,
    },
    /// Run any program as a part of a workspace
    Service {
        #[command(subcommand)]
        command: ServiceCommand,
    },
    /// Let devices in, list them, and shut them out
    Device {
        #[command(subcommand)]
        command: DeviceCommand,
    },
    /// Read the logs of a workspace and of its gateway
    Logs {
        #[command(subcommand)]
        command: LogsCommand,
    },
    /// Read the figures that a server gathers of itself and its children
    Metrics {
        #[command(subcommand)]
        command: MetricsCommand,
    },
    /// Run gateways, as `hirogate` does
    Gateway(hirogateway::cli::Arguments),
    /// Announce this process, then be another program
    #[command(hide = true)]
    Shim(Shim),
    /// Be a channel plugin
    #[command(hide = true)]
    Plugin(Plugin),
}

#[derive(Debug, Args)]
pub(super) struct Up {
    #[command(flatten)]
    pub(super) which: Which,
    /// Then send this message, as `hiro demo` does
    #[arg(long, value_name = "MESSAGE")]
    pub(super) demo: Option<String>,
    /// Look for free ports from here on for what is new [default: the usual ports]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) ports_from: Option<u16>,
    /// Read the `hiro.toml` in this folder [default: the nearest one from the current folder upward]
    #[arg(long, value_name = "FOLDER")]
    pub(super) project: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// What the device says
    pub(super) message: String,
    #[command(flatten)]
    pub(super) which: Which,
}

#[derive(Debug, Args)]
pub(super) struct Start {
    #[command(flatten)]
    pub(super) which: Which,
    /// Be the server instead of starting it in the background; Ctrl-C stops it
    #[arg(short, long)]
    pub(super) foreground: bool,
    /// Gather figures of the server, its children and the machine, in this run (`hiro metrics`)
    #[arg(long)]
    metrics: bool,
    /// Have Python's server show its admin pages; the native one has none
    #[arg(long)]
    admin: bool,
    /// Have it show none
    #[arg(long, conflicts_with = "admin")]
    no_admin: bool,
}

impl Start {
    pub(super) fn options(&self) -> RunOptions {
        let admin = (self.admin || self.no_admin).then_some(self.admin);
        RunOptions { metrics: self.metrics, admin }
    }
}

/// One workspace.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// The workspace, by name or id [default: the default one]
    #[arg(short = 'W', long, value_name = "WORKSPACE", env = "HIRO_WORKSPACE", hide_env = true)]
    pub(super) workspace: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Shim {
    /// The server that wants the program, as JSON
    #[arg(long, value_parser = identity)]
    pub(super) server: Option<Identity>,
    /// Where the program begins
    #[arg(long)]
    pub(super) directory: Option<PathBuf>,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub(super) command: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(super) struct Plugin {
    /// Which one
    pub(super) name: PluginName,
    /// The PID file of the instance that it is
    #[arg(long)]
    pub(super) pid_file: PathBuf,
    /// The server's plugin port
    #[arg(long, env = "HIRO_WS", hide_env = true)]
    pub(super) hiro_ws: String,
    /// Where it keeps a log of its own
    #[arg(long)]
    pub(super) log_dir: Option<PathBuf>,
    /// How much it logs
    #[arg(long, default_value = "INFO")]
    pub(super) log_level: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum PluginName {
    Echo,
    Devices,
}

impl From<PluginName> for BuiltIn {
    fn from(name: PluginName) -> Self {
        match name {
            PluginName::Echo => Self::Echo,
            PluginName::Devices => Self::Devices,
        }
    }
}

impl Which {
    pub(super) fn workspace(&self) -> Option<&str> {
        self.workspace.as_deref()
    }
}

fn identity(text: &str) -> Result<Identity, serde_json::Error> {
    serde_json::from_str(text)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Arguments;

    #[test]
    fn the_commands_fit_together() {
        Arguments::command().debug_assert();
    }
}
