//! What can go wrong for a channel plugin.

use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;
use tokio_tungstenite::tungstenite;

use crate::socket::Closed;

/// What can go wrong for a channel plugin.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The process could not be announced, or not listen for requests to stop.
    #[error(transparent)]
    Process(#[from] hiro_process::Error),
    /// The PID file can't be one.
    #[error("could not use the PID file `{}`", path.display())]
    PidFile {
        /// The path.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
    /// The asynchronous runtime could not be started.
    #[error("could not start the asynchronous runtime")]
    NoRuntime {
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
    /// Nobody at `url`, or nobody who speaks WebSocket.
    #[error("can't connect to `{url}`")]
    Connect {
        /// Where to.
        url: String,
        /// Why not.
        #[source]
        source: Box<tungstenite::Error>,
    },
    /// Whoever is at `url` takes too long.
    #[error("no answer from `{url}` within {} s", waited.as_secs())]
    ConnectTimeout {
        /// Where to.
        url: String,
        /// For how long.
        waited: Duration,
    },
    /// The connection to the server ended.
    #[error("the connection to the server has ended: {closed}")]
    Lost {
        /// How.
        closed: Closed,
    },
    /// The server doesn't want this plugin.
    #[error("the server refuses the plugin `{name}`: {reason}")]
    Refused {
        /// The plugin's name.
        name: String,
        /// The server's words.
        reason: String,
    },
    /// There was no server for as long as the options allow.
    #[error("there has been no server at `{url}` for too long")]
    ServerGone {
        /// Where it should be.
        url: String,
    },
    /// The echo plugin got something without content.
    #[error("a message without content has no echo")]
    NothingToEcho,
    /// The devices plugin got a configuration of the wrong shape.
    #[error("the configuration of the devices channel is invalid")]
    InvalidConfig {
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The devices plugin has no name to log in with.
    #[error("devices channel requires config.device_id")]
    DeviceIdMissing,
    /// The devices plugin has no key to log in with.
    #[error("devices channel requires master key file: `{path}`")]
    MasterKeyMissing {
        /// Where it should be.
        path: PathBuf,
        /// Why it can't be read.
        #[source]
        source: std::io::Error,
    },
    /// The master key's file holds something else.
    #[error("`{path}` holds no master key")]
    MasterKeyInvalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: hiro_protocol::keys::KeyError,
    },
    /// The gateway ended the connection, in words of its own if it refuses a login.
    #[error("the gateway at `{url}` has ended the connection: {closed}")]
    GatewayClosed {
        /// The gateway.
        url: String,
        /// Its words.
        closed: Closed,
    },
    /// The gateway said something else than is its turn.
    #[error("the gateway at `{url}` sent no `{expected}`")]
    GatewayUnexpected {
        /// The gateway.
        url: String,
        /// What should have come.
        expected: &'static str,
    },
    /// The gateway takes too long.
    #[error("no `{expected}` from the gateway at `{url}` within {} s", waited.as_secs())]
    GatewayTimeout {
        /// The gateway.
        url: String,
        /// What should have come.
        expected: &'static str,
        /// For how long.
        waited: Duration,
    },
}

/// The message of an error and of everything that caused it, in one line.
pub(crate) fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
