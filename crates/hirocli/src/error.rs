//! What can go wrong with a workspace and its server.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use hiro_protocol::keys::KeyError;
use hirogateway::InvalidName;
use hirogateway::store::StoreError;
use thiserror::Error;

/// What can go wrong with a workspace and its server.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
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
    /// Another workspace keeps its files there.
    #[error("the folder `{}` is already used by workspace `{workspace}`", path.display())]
    FolderTaken {
        /// The folder that was asked for.
        path: PathBuf,
        /// The workspace that has it.
        workspace: String,
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
    /// The HTTP API ended by itself.
    #[error("the http api ended")]
    Http {
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The server doesn't log in to its gateway.
    #[error("the server at `{status_url}` is not connected to its gateway after {} s", waited.as_secs())]
    NotConnected {
        /// Where its status was asked for.
        status_url: String,
        /// For how long.
        waited: Duration,
    },
    /// The device of a demonstration could not talk to the gateway.
    #[error(transparent)]
    Gateway(#[from] hiro_channel_sdk::Error),
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
}
