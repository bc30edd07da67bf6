//! What can go wrong with a workspace and its server.

mod hint;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use hiro_protocol::keys::KeyError;
use hirogateway::paths::NoDataFolder;
use hirogateway::report::StateName;
use hirogateway::store::StoreError;
use hirogateway::{GatewayError, InvalidName};
use thiserror::Error;
use tokio::task::JoinError;

pub use hint::with_causes;

use crate::runtime::supervision::RulesError;
use crate::services::ServiceError;

/// What can go wrong with a workspace and its server.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A process could not be started, stopped or announced.
    #[error(transparent)]
    Process(#[from] hiro_process::Error),
    /// Something could not be done with a gateway.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// Something could not be done with a service.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The platform does not say where a user's data belong.
    #[error(transparent)]
    NoDataFolder(#[from] NoDataFolder),
    /// The operating system does not tell where this program is.
    #[error("could not find this program's own file")]
    ProgramUnknown {
        /// What it says.
        #[source]
        source: io::Error,
    },
    /// A JSON file of the workspace could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A new workspace may not have that name.
    #[error(transparent)]
    InvalidName(#[from] InvalidName),
    /// There is no workspace at all.
    #[error("No workspaces configured. Run 'hiro workspaces create' first.")]
    NoWorkspaces,
    /// No workspace is named, and none is the default.
    #[error("No workspace specified and no default set. Available: {}", available.join(", "))]
    NoWorkspaceMeant {
        /// The names that there are.
        available: Vec<String>,
    },
    /// No workspace has that id or name.
    #[error("Workspace '{identifier}' not found. Available: {}", available.join(", "))]
    WorkspaceNotFound {
        /// The id or name that was asked for.
        identifier: String,
        /// The names that there are.
        available: Vec<String>,
    },
    /// No workspace has that id.
    #[error("Workspace id '{id}' not found.")]
    WorkspaceIdNotFound {
        /// The id that was asked for.
        id: String,
    },
    /// Several workspaces have that name.
    #[error(
        "Multiple workspaces named '{name}' (ids: {}). Use the workspace id instead.",
        ids.join(", ")
    )]
    WorkspaceAmbiguous {
        /// The name that was asked for.
        name: String,
        /// How their ids begin.
        ids: Vec<String>,
    },
    /// A workspace of that name is there already.
    #[error("Workspace '{name}' already exists.")]
    WorkspaceExists {
        /// The name of both.
        name: String,
    },
    /// What a channel's configuration would say about starting its plugin again can't be used.
    #[error("channel `{name}` is left as it is")]
    RulesRefused {
        /// The channel.
        name: String,
        /// What is wrong with the rules.
        #[source]
        source: RulesError,
    },
    /// Another workspace keeps its files there.
    #[error("the folder `{}` is already used by workspace `{workspace}`", path.display())]
    FolderTaken {
        /// The folder that was asked for.
        path: PathBuf,
        /// The workspace that has it.
        workspace: String,
    },
    /// Another part of the workspace, or another workspace, has that port in its configuration.
    #[error("port {port} belongs to workspace `{workspace}` already")]
    PortPromised {
        /// The port that was asked for.
        port: u16,
        /// The workspace that has it.
        workspace: String,
    },
    /// Another command chooses ports, and does not come to an end.
    #[error("another command has been choosing ports for {} s", waited.as_secs())]
    PortsBusy {
        /// How long it was waited for.
        waited: Duration,
    },
    /// The address of a gateway is none.
    #[error("`{url}` is no address of a gateway")]
    NotAGateway {
        /// What was given.
        url: String,
    },
    /// The process of a Python server ended before its port was open.
    #[error(
        "could not start `server:{workspace}`: it ended before it opened port {port}: {evidence}{}",
        log_lines(stderr)
    )]
    ServerEndedEarly {
        /// The workspace.
        workspace: String,
        /// The port.
        port: u16,
        /// How that is known.
        evidence: String,
        /// The last lines of its stderr.
        stderr: Vec<String>,
    },
    /// The process of a Python server runs, and its port is not its own.
    #[error(
        "process {pid} of `server:{workspace}` did not open port {port} within {:.1} s{}",
        waited.as_secs_f64(),
        log_lines(stderr)
    )]
    PortNotOpened {
        /// The workspace.
        workspace: String,
        /// Its process; it was ended if this start had started it.
        pid: u32,
        /// The port.
        port: u16,
        /// How long it was waited for.
        waited: Duration,
        /// The last lines of its stderr.
        stderr: Vec<String>,
    },
    /// The slot's ports would be beyond the last port.
    #[error("there are no ports for slot {slot} when those of slot 0 begin at {range_start}")]
    NoPortsLeft {
        /// The first port of slot 0.
        range_start: u16,
        /// The slot.
        slot: u32,
    },
    /// The workspace has no configuration.
    #[error("the configuration `{}` is missing", path.display())]
    ConfigMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("could not {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The file that should hold the master key holds something else.
    #[error("`{}` holds no master key", path.display())]
    InvalidMasterKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: KeyError,
    },
    /// The database refused.
    #[error("could not {action} `{}`", path.display())]
    Database {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },
    /// A row of the database can't be understood.
    #[error("the row `{key}` in `{}` is damaged: {reason}", path.display())]
    BadRow {
        /// The database.
        path: PathBuf,
        /// The value of the row's primary key.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The server doesn't log in to its gateway.
    #[error("the server at `{status_url}` is not connected to its gateway after {} s", waited.as_secs())]
    NotConnected {
        /// Where its status was asked for.
        status_url: String,
        /// For how long.
        waited: Duration,
    },
    /// A plugin could not go on, or the device of a demonstration not talk to the gateway.
    #[error(transparent)]
    Channel(#[from] hiro_channel_sdk::Error),
    /// The device of a demonstration was not paired.
    #[error("the pairing was rejected: {reason}")]
    PairingRejected {
        /// The server's words.
        reason: String,
    },
    /// The answer to a pairing request lacks what a device needs.
    #[error("the pairing was approved without `{what}`")]
    PairingIncomplete {
        /// What is missing.
        what: &'static str,
    },
    /// What the device of a demonstration said did not come back.
    #[error("no echo came back within {} s", waited.as_secs())]
    NoEcho {
        /// For how long it waited.
        waited: Duration,
    },
    /// The asynchronous runtime could not be started.
    #[error("could not start the asynchronous runtime")]
    NoRuntime {
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The configuration names a host that this machine does not know.
    #[error("could not find the host `{host}`")]
    HostUnusable {
        /// The host.
        host: String,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// Nothing can listen there, although nobody does.
    #[error("could not listen on `{address}`")]
    PortUnusable {
        /// Where.
        address: SocketAddr,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// Every port that was tried is taken.
    #[error("no free ports from {from} on")]
    NoFreePorts {
        /// Where the search began.
        from: u16,
    },
    /// Somebody clears up after a server, and does not come to an end.
    #[error("the channels of workspace `{workspace}` belong to another process for {} s now", waited.as_secs())]
    ChannelsBusy {
        /// The workspace.
        workspace: String,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The server itself failed.
    #[error("the server failed")]
    ServerPanicked {
        /// How.
        #[source]
        source: JoinError,
    },
    /// A plugin was launched by a server that has gone.
    #[error("the server that wanted this plugin has ended")]
    NotWantedAnyMore,
    /// A server that runs does not answer a question.
    #[error("the server has no answer to `{question}`: {detail}")]
    NotAnswered {
        /// What it was asked.
        question: &'static str,
        /// What it says instead.
        detail: String,
    },
    /// The server of a workspace does not run.
    #[error("the server of workspace `{workspace}` is {state}")]
    ServerAway {
        /// The workspace.
        workspace: String,
        /// What is said of it.
        state: StateName,
    },
    /// Another command brings the league up, and does not come to an end.
    #[error("another `hiro up` is at work for {} s now", waited.as_secs())]
    LeagueBusy {
        /// How long it was waited for.
        waited: Duration,
    },
    /// A channel of the league does not run.
    #[error("`{name}` has crashed: {reason}")]
    ChannelCrashed {
        /// The channel.
        name: String,
        /// What is known of it.
        reason: String,
        /// Where its stderr went.
        stderr_log: PathBuf,
    },
    /// The program that the shim was to become is missing or can't be run.
    #[error("could not run `{}`", program.display())]
    CommandMissing {
        /// The program.
        program: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The HTTP API of a server that runs can't be reached.
    #[error("could not reach the server at `{url}`: {reason}")]
    ApiUnreachable {
        /// What was asked for.
        url: String,
        /// What is wrong.
        reason: String,
    },
    /// The server could not carry out an order about a child.
    #[error("the server could not {verb} `{child}`: {detail}")]
    OrderFailed {
        /// The child.
        child: String,
        /// What was to be done.
        verb: &'static str,
        /// The server's words.
        detail: String,
    },
    /// No channel has that name.
    #[error("there is no channel `{name}`")]
    ChannelUnknown {
        /// The name that was asked for.
        name: String,
    },
    /// A channel of that name is there already.
    #[error("channel `{name}` already exists")]
    ChannelExists {
        /// The name of both.
        name: String,
    },
    /// A server can't do without that channel.
    #[error("channel `{name}` is mandatory and can't be {action}")]
    ChannelMandatory {
        /// The channel.
        name: String,
        /// What was to become of it.
        action: &'static str,
    },
    /// This program installs no packages.
    #[error("the package `{package}` of channel `{name}` is not installed by this program")]
    NotInstalledHere {
        /// The channel.
        name: String,
        /// The package.
        package: String,
    },
    /// A channel that is disabled does not run.
    #[error("channel `{name}` is disabled")]
    ChannelDisabled {
        /// The channel.
        name: String,
    },
    /// A part of the league did not become ready.
    #[error("{what} is not ready after {} s", waited.as_secs())]
    NotReady {
        /// Which part.
        what: String,
        /// For how long it was waited for.
        waited: Duration,
    },
    /// No instance has that name.
    #[error("there is no instance `{name}`")]
    InstanceUnknown {
        /// The name that was asked for.
        name: String,
    },
    /// A workspace can't be removed while its server runs.
    #[error("workspace `{name}` is running")]
    WorkspaceRunning {
        /// The workspace.
        name: String,
    },
    /// A number is too small or too large.
    #[error("the {what} is {value}; it must be between {least} and {most}")]
    OutOfBounds {
        /// What it is the number of.
        what: &'static str,
        /// The number.
        value: u64,
        /// The smallest that is allowed.
        least: u64,
        /// The largest that is allowed.
        most: u64,
    },
    /// The default workspace can't be removed while there are others.
    #[error("workspace `{name}` is the default one")]
    WorkspaceIsDefault {
        /// The workspace.
        name: String,
    },
}

fn log_lines(lines: &[String]) -> String {
    lines.iter().map(|line| format!("\n    {line}")).collect()
}
