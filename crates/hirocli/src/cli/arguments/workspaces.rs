//! What can be typed about workspaces.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use hirogateway::InstanceName;

use super::Which;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum WorkspaceCommand {
    /// List the workspaces
    List,
    /// Create a workspace and set it up
    Create {
        /// The name of the new workspace
        name: InstanceName,
        /// Its folder [default: one of its name below the data folder]
        #[arg(short, long, value_name = "FOLDER")]
        path: Option<PathBuf>,
        #[command(flatten)]
        runtime: RuntimeOption,
        /// Make it the workspace that is meant when none is named
        #[arg(long)]
        set_default: bool,
    },
    /// Set a workspace up: its gateway, its ports, its server; what is not said stays as it is
    Setup(SetupWords),
    /// Show everything about one workspace
    Show {
        /// The workspace, by name or id [default: the default one]
        #[arg(env = "HIRO_WORKSPACE", hide_env = true)]
        workspace: Option<String>,
    },
    /// Change a workspace; its gateway and its server change at its next start
    Update(UpdateWords),
    /// Strike a workspace out of the list; without --purge its files stay
    Remove {
        /// The workspace, by name or id
        workspace: String,
        /// Delete its files, too
        #[arg(long)]
        purge: bool,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
    /// Make a workspace the one that is meant when none is named
    SetDefault {
        /// The workspace, by name or id
        workspace: String,
    },
    /// Stop a workspace's server for good; with --purge, remove it and its files too
    Teardown {
        /// The workspace, by name or id [default: the default one]
        #[arg(env = "HIRO_WORKSPACE", hide_env = true)]
        workspace: Option<String>,
        /// Remove the workspace and delete its files
        #[arg(long)]
        purge: bool,
    },
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SetupWords {
    /// The workspace, by name or id [default: the default one]
    #[arg(env = "HIRO_WORKSPACE", hide_env = true)]
    pub(in crate::cli) workspace: Option<String>,
    /// The address of its gateway
    #[arg(short, long, value_name = "URL")]
    pub(in crate::cli) gateway_url: Option<String>,
    /// The port of its HTTP API
    #[arg(short, long = "port", value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) port: Option<u16>,
    #[command(flatten)]
    pub(in crate::cli) runtime: RuntimeOption,
    /// Start the server then
    #[arg(long)]
    pub(in crate::cli) start_server: bool,
    /// Gather figures of the server and its children
    #[arg(long, overrides_with = "no_metrics")]
    pub(in crate::cli) metrics: bool,
    /// Gather none
    #[arg(long)]
    pub(in crate::cli) no_metrics: bool,
    /// How often, in seconds; 1 at the least
    #[arg(long, value_name = "SECONDS", value_parser = finite)]
    pub(in crate::cli) metrics_interval: Option<f64>,
    /// Have its server started with the computer, at your login; without this nothing is registered
    #[arg(long)]
    pub(in crate::cli) autostart: bool,
    /// Have it started with the computer no more
    #[arg(long, conflicts_with = "autostart")]
    pub(in crate::cli) no_autostart: bool,
    /// Register nothing, as without it; for scripts that pass it
    #[arg(long = "skip-autostart", hide = true, conflicts_with = "autostart")]
    _skip_autostart: bool,
    /// For scripts that pass it: nothing is registered with more rights than the user's
    #[arg(long, hide = true)]
    pub(in crate::cli) elevated_task: bool,
    /// Accepted for scripts that pass it: nothing is asked
    #[arg(long = "non-interactive", hide = true)]
    _non_interactive: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct UpdateWords {
    /// The workspace, by name or id
    pub(in crate::cli) workspace: String,
    /// What it shall be called; its folder stays where it is
    #[arg(short, long)]
    pub(in crate::cli) name: Option<InstanceName>,
    /// Make it the workspace that is meant when none is named
    #[arg(long)]
    pub(in crate::cli) set_default: bool,
    /// The address of its gateway
    #[arg(short, long, value_name = "URL")]
    pub(in crate::cli) gateway_url: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) runtime: RuntimeOption,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Uninstall {
    #[command(flatten)]
    pub(in crate::cli) which: Which,
    /// Remove the workspace and delete its files, too
    #[arg(long)]
    pub(in crate::cli) purge: bool,
}

/// Who is the server.
#[derive(Debug, Args)]
pub(in crate::cli) struct RuntimeOption {
    /// Who is its server: this program, or Python from a uv workspace [default: native]
    #[arg(long, value_enum)]
    pub(in crate::cli) runtime: Option<RuntimeName>,
    /// A folder of that uv workspace [default: the current one]
    #[arg(long, value_name = "FOLDER", requires = "runtime")]
    pub(in crate::cli) workspace_dir: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum RuntimeName {
    Native,
    Uv,
}

fn finite(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if number.is_finite() { Ok(number) } else { Err("not a number of seconds".to_owned()) }
}
