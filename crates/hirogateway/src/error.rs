//! What can go wrong with gateway instances. The messages about instances are those of the Python package, word for
//! word, because people and scripts know them.

use std::path::PathBuf;

use hiro_protocol::keys::KeyError;
use thiserror::Error;

use crate::instance_name::InvalidName;
use crate::paths::NoDataFolder;
use crate::store::StoreError;

/// Why something could not be done with a gateway instance.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// The platform does not say where a user's data belong.
    #[error(transparent)]
    NoDataFolder(#[from] NoDataFolder),
    /// A file could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no instance at all.
    #[error("No gateway instances configured. Run 'hirogate instance create <name>' first.")]
    NoInstances,
    /// No instance has that name.
    #[error("Gateway instance '{name}' not found.{}", available_text(available))]
    InstanceNotFound {
        /// The name that was asked for.
        name: String,
        /// The names that there are; empty where the message leaves them out.
        available: Vec<String>,
    },
    /// An instance of that name is there already.
    #[error("Gateway instance '{name}' already exists.")]
    InstanceExists {
        /// The name of both.
        name: String,
    },
    /// A new instance may not have that name.
    #[error(transparent)]
    InvalidName(#[from] InvalidName),
    /// Nothing can listen on that port.
    #[error("invalid port `{port}`: a port is a number from 1 to 65535")]
    InvalidPort {
        /// The port that was asked for.
        port: i64,
    },
    /// Another instance listens there.
    #[error("Port conflict: {host}:{port} is already used by instance '{instance}'.")]
    PortConflict {
        /// The host that was asked for.
        host: String,
        /// The port that was asked for.
        port: u16,
        /// The instance that has it.
        instance: String,
    },
    /// Another instance keeps its files there.
    #[error("the folder `{}` is already used by instance `{instance}`", path.display())]
    FolderConflict {
        /// The folder that was asked for.
        path: PathBuf,
        /// The instance that has it.
        instance: String,
    },
    /// An instance has no configuration.
    #[error("the configuration `{}` is missing", path.display())]
    ConfigMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// What should be the desktop's public key is none.
    #[error(
        "Invalid desktop public key: {source}. Provide the base64-encoded Ed25519 public key from 'hiro status'."
    )]
    InvalidDesktopKey {
        /// Why it is none.
        #[source]
        source: KeyError,
    },
}

fn available_text(available: &[String]) -> String {
    if available.is_empty() { String::new() } else { format!(" Available: {}", available.join(", ")) }
}
