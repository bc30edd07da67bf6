//! What can be typed behind `hiro service`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hirogateway::InstanceName;

use super::arguments::Which;
use crate::services::{Ready, RestartPolicy};

#[derive(Debug, Subcommand)]
pub(super) enum ServiceCommand {
    /// Define a service; it is not started yet
    #[command(after_help = READINESS)]
    Add(Box<Add>),
    /// Stop a service and strike it out; its logs stay
    Remove(One),
    /// Start a service and wait until it is ready
    Start(One),
    /// Stop a service with everything that it has started
    Stop(One),
    /// Stop a service, if it runs, and start it
    Restart(One),
    /// Say how the services are, or one of them
    Status {
        /// The service
        name: Option<String>,
        #[command(flatten)]
        which: Which,
    },
    /// Show what a service has said, also in runs that are over
    Logs(Logs),
    /// List what is defined
    List(Which),
}

const READINESS: &str = "\
Ready is a service:
  started       as soon as its program runs (the default)
  announced     when the program says so itself
  port:PORT     when its processes listen on this port
  http://127.0.0.1:PORT/PATH
                when they do, and a GET is answered with a status of 200 to 299
  log:TEXT      when a line on stdout or stderr has this text in it

A service is started again after a crash only while the workspace's server runs (`hiro start`, `hiro up`), and
never after it was stopped.";

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The name of the new service
    pub(super) name: InstanceName,
    #[command(flatten)]
    pub(super) which: Which,
    /// Its working directory [default: the current one]
    #[arg(long, value_name = "FOLDER")]
    pub(super) cwd: Option<PathBuf>,
    /// A variable of its environment; for a secret there is `--env-file`
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    pub(super) env: Vec<(String, String)>,
    /// A file with `NAME=VALUE` lines, read at every start; it should be yours alone (mode 600)
    #[arg(long, value_name = "FILE")]
    pub(super) env_file: Option<PathBuf>,
    /// Run the command in the environment of this uv workspace
    #[arg(long, value_name = "FOLDER")]
    pub(super) uv: Option<PathBuf>,
    /// Run this Python module under uv; the command is its arguments
    #[arg(long, value_name = "MODULE")]
    pub(super) module: Option<String>,
    /// When it counts as ready, see below
    #[arg(long, value_name = "WHEN", default_value = "started")]
    pub(super) ready: Ready,
    /// How long it may take to become ready
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) ready_timeout: u64,
    /// How long it may take to end before it is killed with everything that it has started
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(..=3600))]
    pub(super) stop_grace: u64,
    /// Start it again when it has ended by itself; carried out by the workspace's running server
    #[arg(long, value_enum, default_value_t)]
    pub(super) restart: RestartPolicy,
    /// A service that `hiro up` starts before it, and `hiro down` stops after it
    #[arg(long, value_name = "NAME")]
    pub(super) after: Vec<String>,
    /// The program and its arguments
    #[arg(last = true, required_unless_present = "module")]
    pub(super) command: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct One {
    /// The service
    pub(super) name: String,
    #[command(flatten)]
    pub(super) which: Which,
}

#[derive(Debug, Args)]
pub(super) struct Logs {
    #[command(flatten)]
    pub(super) one: One,
    /// So many lines of each log
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 50, value_parser = lines)]
    pub(super) lines: usize,
    /// Go on with what comes; Ctrl-C ends it
    #[arg(short, long)]
    pub(super) follow: bool,
    /// Only what was said on stdout
    #[arg(long, conflicts_with = "stderr")]
    pub(super) stdout: bool,
    /// Only what was said on stderr
    #[arg(long)]
    pub(super) stderr: bool,
}

/// More are kept in memory for nobody.
const MAX_LINES: usize = 100_000;

fn lines(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if count <= MAX_LINES => Ok(count),
        _ => Err(format!("not a number from 0 to {MAX_LINES}")),
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it is not `NAME=VALUE`")?;
    Ok((name.to_owned(), value.to_owned()))
}
