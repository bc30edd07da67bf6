//! What can be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::instance_name::InstanceName;
use crate::registry::DEFAULT_HOST;
use crate::relay::{BusUrl, InvalidBusUrl};

/// Everything behind `hirogate`, or behind `hiro gateway`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    /// Print the result as JSON
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Start a gateway in the background and wait until it is ready
    Start(Start),
    /// Stop a gateway and wait until nothing of it is left
    Stop(Stop),
    /// Stop a gateway, if it runs, and start it
    Restart(Restart),
    /// Say how one gateway is, or all of them
    ///
    /// With a name, the exit code says it too: 0 ready, 3 stopped, 4 crashed, 5 in between or not to be told.
    Status(Which),
    /// Create, list and remove gateway instances
    Instance {
        #[command(subcommand)]
        command: InstanceCommand,
    },
    /// Stop a gateway for good: it starts with the computer no more; with --purge, remove it and its files too
    Teardown(Teardown),
    /// Show the last rows of a gateway's log, and with --follow those that come
    Logs(Logs),
    /// Look for what is wrong, with one gateway or all of them
    ///
    /// A line per check; the exit code is 1 if one of them has failed.
    Doctor(Which),
    /// Become a program that knows nothing of PID files
    #[command(hide = true)]
    Shim(Shim),
}

#[derive(Debug, Subcommand)]
pub(super) enum InstanceCommand {
    /// Create an instance
    Create(Create),
    /// List the instances
    List,
    /// Show everything about one instance
    Show(Which),
    /// Change how an instance is configured; it takes effect at its next start
    Update(Update),
    /// Make an instance the one that is meant when none is named
    SetDefault {
        /// The instance
        name: String,
    },
    /// Stop an instance and remove it
    Remove(Remove),
}

/// One instance, named in either way.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// The instance
    #[arg(value_name = "NAME")]
    pub(super) positional: Option<String>,
    /// The same, as an option
    #[arg(short = 'I', long = "instance", value_name = "NAME", conflicts_with = "positional")]
    pub(super) option: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Start {
    #[command(flatten)]
    pub(super) which: Which,
    /// Be the gateway instead of starting it in the background; Ctrl-C stops it
    #[arg(short, long)]
    pub(super) foreground: bool,
    /// Nobody watches: the log goes to its file alone
    #[arg(long, hide = true, requires = "foreground")]
    pub(super) background: bool,
    #[command(flatten)]
    pub(super) how: How,
}

#[derive(Debug, Args)]
pub(super) struct Restart {
    #[command(flatten)]
    pub(super) which: Which,
    #[command(flatten)]
    pub(super) how: How,
}

#[derive(Debug, Args)]
pub(super) struct How {
    /// Log everything that the gateway does
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Where this run's log files go [default: as configured, or `logs` in the instance's folder]
    #[arg(long, value_name = "FOLDER")]
    pub(super) log_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(super) metrics: Metrics,
    /// Be one node of several that find each other over this NATS server [default: as configured, or one node]; an address
    /// with a password belongs into `HIROGATE_BUS` or into the configuration
    #[arg(long, value_name = "nats://HOST:PORT", value_parser = cli_bus)]
    pub(super) bus: Option<BusUrl>,
    /// How many seconds the gateway may take to become ready
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(super) timeout: u32,
}

#[derive(Debug, Args)]
pub(super) struct Metrics {
    /// Serve /metrics and /health on this port; 0 serves them nowhere [default: as configured, or nowhere]
    #[arg(long = "metrics-port", value_name = "PORT")]
    pub(super) port: Option<u16>,
    /// On this host [default: as configured, or 127.0.0.1]; any other lets other machines read them
    #[arg(long = "metrics-host", value_name = "HOST")]
    pub(super) host: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Logs {
    #[command(flatten)]
    pub(super) which: Which,
    /// How many rows
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 40)]
    pub(super) lines: usize,
    /// Go on with the rows that come, until Ctrl-C
    #[arg(short, long)]
    pub(super) follow: bool,
    /// What the gateway said on stderr, before it had a log or when it failed
    #[arg(long)]
    pub(super) stderr: bool,
    /// Where the log files are, if that run was told to write them elsewhere
    #[arg(long, value_name = "FOLDER", conflicts_with = "stderr")]
    pub(super) log_dir: Option<PathBuf>,
}

/// How a program is put behind the shim.
#[derive(Debug, Args)]
pub(super) struct Shim {
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub(super) command: Vec<OsString>,
}

#[derive(Debug, Args)]
pub(super) struct Stop {
    #[command(flatten)]
    pub(super) which: Which,
    /// How many seconds the gateway may take to end by itself before it is killed
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    pub(super) grace: u32,
}

#[derive(Debug, Args)]
pub(super) struct Teardown {
    #[command(flatten)]
    pub(super) which: Which,
    /// Remove the instance and delete its files
    #[arg(long)]
    pub(super) purge: bool,
    #[command(flatten)]
    _unregistering: Unregistering,
}

/// What the Python package takes where it takes a registration away, which needs no more rights here.
#[derive(Debug, Args)]
struct Unregistering {
    /// Accepted for scripts that pass it
    #[arg(long, hide = true)]
    _elevated_task: bool,
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// The name of the new instance
    pub(super) name: InstanceName,
    /// The public key of the desktop that the gateway trusts, in base64 (`hiro workspaces setup` shows it)
    #[arg(long, value_name = "KEY")]
    pub(super) desktop_pubkey: String,
    /// The port to listen on
    #[arg(short, long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) port: u16,
    /// The host to listen on; 0.0.0.0 lets other machines in
    #[arg(short = 'H', long, default_value = DEFAULT_HOST)]
    pub(super) host: String,
    /// The folder of the instance [default: one of its name below the data folder]
    #[arg(long, value_name = "FOLDER")]
    pub(super) path: Option<PathBuf>,
    /// Where its log files go [default: `logs` in the instance's folder]
    #[arg(long, value_name = "FOLDER")]
    pub(super) log_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(super) runtime: RuntimeOption,
    /// Make it the instance that is meant when none is named
    #[arg(long)]
    pub(super) set_default: bool,
    /// Have it started with the computer, at your login; without this nothing is registered
    #[arg(long)]
    pub(super) autostart: bool,
    /// Register nothing, as without it; for scripts that pass it
    #[arg(long = "skip-autostart", hide = true, conflicts_with = "autostart")]
    _skip_autostart: bool,
    /// For scripts that pass it: nothing is registered with more rights than the user's
    #[arg(long, hide = true)]
    pub(super) elevated_task: bool,
}

/// Who does the work.
#[derive(Debug, Args)]
pub(super) struct RuntimeOption {
    /// Who does the work: this program, or the Python gateway from a uv workspace [default: native]
    #[arg(long, value_enum)]
    pub(super) runtime: Option<RuntimeName>,
    /// A folder of that uv workspace [default: the current one]
    #[arg(long, value_name = "FOLDER", requires = "runtime")]
    pub(super) workspace_dir: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RuntimeName {
    Native,
    Uv,
}

#[derive(Debug, Args)]
pub(super) struct Update {
    #[command(flatten)]
    pub(super) which: Which,
    /// The public key of the desktop that the gateway trusts, in base64
    #[arg(long, value_name = "KEY")]
    pub(super) desktop_pubkey: Option<String>,
    /// Where its log files go
    #[arg(long, value_name = "FOLDER")]
    pub(super) log_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(super) runtime: RuntimeOption,
    #[command(flatten)]
    pub(super) metrics: Metrics,
    /// Have it started with the computer, at your login
    #[arg(long)]
    pub(super) autostart: bool,
    /// Have it started with the computer no more
    #[arg(long, conflicts_with = "autostart")]
    pub(super) no_autostart: bool,
}

#[derive(Debug, Args)]
pub(super) struct Remove {
    /// The instance
    pub(super) name: String,
    /// Delete its files, too
    #[arg(long)]
    pub(super) purge: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(super) yes: bool,
    #[command(flatten)]
    _unregistering: Unregistering,
}

/// Whoever may look at this machine's processes may read their arguments.
fn cli_bus(text: &str) -> Result<BusUrl, String> {
    let url: BusUrl = text.parse().map_err(|error: InvalidBusUrl| error.to_string())?;
    if url.has_password() {
        return Err(
            "a password would be there for all to read: set `HIROGATE_BUS`, or `bus` in `config.json`".into(),
        );
    }
    Ok(url)
}
