//! What can be typed.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use hiro_process::{StartOptions, StopOptions};

use crate::instance_name::InstanceName;
use crate::registry::{DEFAULT_HOST, NewInstance};
use crate::service::{Setup, StartRequest};

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
    /// Stop a gateway; with --purge, remove it and its files too
    Teardown(Teardown),
}

#[derive(Debug, Subcommand)]
pub(super) enum InstanceCommand {
    /// Create an instance
    Create(Create),
    /// List the instances
    List,
    /// Show everything about one instance
    Show(Which),
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
    positional: Option<String>,
    /// The same, as an option
    #[arg(short = 'I', long = "instance", value_name = "NAME", conflicts_with = "positional")]
    option: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Start {
    #[command(flatten)]
    pub(super) which: Which,
    /// Be the gateway instead of starting it in the background; Ctrl-C stops it
    #[arg(short, long)]
    pub(super) foreground: bool,
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
    /// How many seconds the gateway may take to become ready
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u32,
}

#[derive(Debug, Args)]
pub(super) struct Stop {
    #[command(flatten)]
    pub(super) which: Which,
    /// How many seconds the gateway may take to end by itself before it is killed
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    grace: u32,
}

#[derive(Debug, Args)]
pub(super) struct Teardown {
    #[command(flatten)]
    pub(super) which: Which,
    /// Remove the instance and delete its files
    #[arg(long)]
    pub(super) purge: bool,
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// The name of the new instance
    name: InstanceName,
    /// The public key of the desktop that the gateway trusts, in base64 (`hiro status` shows it)
    #[arg(long, value_name = "KEY")]
    desktop_pubkey: String,
    /// The port to listen on
    #[arg(short, long, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// The host to listen on; 0.0.0.0 lets other machines in
    #[arg(short = 'H', long, default_value = DEFAULT_HOST)]
    host: String,
    /// The folder of the instance [default: one of its name below the data folder]
    #[arg(long, value_name = "FOLDER")]
    path: Option<PathBuf>,
    /// Make it the instance that is meant when none is named
    #[arg(long)]
    set_default: bool,
    /// Accepted for scripts that pass it: nothing starts with the computer
    #[arg(long, hide = true)]
    skip_autostart: bool,
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
}

impl Which {
    pub(super) fn name(&self) -> Option<&str> {
        self.positional.as_deref().or(self.option.as_deref())
    }
}

impl How {
    pub(super) fn request(&self) -> StartRequest {
        let deadline = Duration::from_secs(self.timeout.into());
        StartRequest { verbose: self.verbose, patience: StartOptions { deadline, ..StartOptions::default() } }
    }
}

impl Stop {
    pub(super) fn patience(&self) -> StopOptions {
        StopOptions { grace: Duration::from_secs(self.grace.into()), ..StopOptions::default() }
    }
}

impl Create {
    pub(super) fn setup(&self) -> Setup {
        Setup {
            instance: NewInstance {
                name: self.name.clone(),
                host: self.host.clone(),
                port: self.port.into(),
                path: self.path.clone(),
            },
            desktop_public_key: self.desktop_pubkey.clone(),
            make_default: self.set_default,
        }
    }
}
