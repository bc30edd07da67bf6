//! What can go wrong with gateway instances. The messages about instances are those of the Python package, word for
//! word, because people and scripts know them.

use std::error::Error as _;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use hiro_process::PortTaken;
use hiro_protocol::keys::KeyError;
use thiserror::Error;

use crate::autostart::AutostartError;
use crate::instance_name::InvalidName;
use crate::paths::NoDataFolder;
use crate::relay::InvalidBusUrl;
use crate::relay::tls::TlsError;
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
        "Invalid desktop public key: {reason}. Provide the base64-encoded Ed25519 public key from 'hiro status'."
    )]
    InvalidDesktopKey {
        /// Why it is none.
        reason: KeyError,
    },
    /// What stands in a configuration as the desktop's public key is none.
    #[error("`{}` holds no valid `desktop_public_key`", path.display())]
    KeyInConfig {
        /// The configuration.
        path: PathBuf,
        /// Why it is none.
        source: KeyError,
    },
    /// What should lead to the other nodes of a gateway does not.
    #[error("the bus in `{place}` is {source}")]
    InvalidBusUrl {
        /// The configuration, or the environment variable.
        place: String,
        /// Why it does not.
        source: InvalidBusUrl,
    },
    /// What stands in a configuration as limits are none.
    #[error("`{}` holds no valid `limits`", path.display())]
    LimitsInConfig {
        /// The configuration.
        path: PathBuf,
        /// Why they are none.
        source: serde_json::Error,
    },
    /// A configuration names a certificate without a key, or a key without a certificate.
    #[error("`{}` needs both `tls_cert` and `tls_key`, or neither", path.display())]
    HalfOfTls {
        /// The configuration.
        path: PathBuf,
    },
    /// The certificate or the key of an instance can't be used.
    #[error(transparent)]
    Tls(#[from] Box<TlsError>),
    /// What stands in the registry as the port of an instance is none.
    #[error("`{}` gives instance `{instance}` the port `{port}`: a port is a number from 1 to 65535", path.display())]
    PortInRegistry {
        /// The registry.
        path: PathBuf,
        /// The instance.
        instance: String,
        /// The number.
        port: i64,
    },
    /// The host that an instance shall listen on is none of this machine's.
    #[error("could not find the host `{host}`")]
    UnknownHost {
        /// The host.
        host: String,
        /// What the operating system says.
        source: io::Error,
    },
    /// Somebody else listens where the gateway shall.
    #[error("could not listen on `{address}`: {taken}")]
    AddressTaken {
        /// Where it shall listen.
        address: SocketAddr,
        /// Who has the port.
        taken: PortTaken,
    },
    /// The gateway can't listen.
    #[error("could not listen on `{address}`")]
    Listen {
        /// Where it shall.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// An instance could not be started.
    #[error("could not start `gateway:{instance}`")]
    Start {
        /// The instance.
        instance: String,
        /// Why not.
        source: hiro_process::Error,
    },
    /// An instance could not be stopped.
    #[error("could not stop `gateway:{instance}`")]
    Stop {
        /// The instance.
        instance: String,
        /// Why not.
        source: hiro_process::Error,
    },
    /// The process of a gateway could not say how it is.
    #[error(transparent)]
    Process(#[from] hiro_process::Error),
    /// Something could not be registered to start with the computer, or not be taken away again.
    #[error(transparent)]
    Autostart(#[from] AutostartError),
    /// All else that was asked is done, but not that.
    #[error("the start of `{name}` with the computer is not as it should be: {reason}")]
    AutostartUnsettled {
        /// The instance, or the workspace.
        name: String,
        /// Why not.
        reason: String,
        /// What the user can do about it.
        hint: Option<String>,
    },
    /// Nothing here needs more rights than its user has.
    #[error(
        "`--elevated-task` and `--autostart` do not go together: nothing is registered with more rights than yours"
    )]
    ElevatedTask,
    /// Only this program can do that, and not the Python gateway.
    #[error("`{option}` needs the runtime `native`")]
    NativeOnly {
        /// What was asked for.
        option: &'static str,
    },
    /// A path can't be written into a file of JSON.
    #[error("the path `{}` is no text", path.display())]
    NotText {
        /// The path.
        path: PathBuf,
    },
    /// An instance that runs in a uv workspace does not say in which.
    #[error("`{}` names no `workspace_dir`", path.display())]
    NoWorkspaceDir {
        /// The file that should.
        path: PathBuf,
    },
    /// The Python gateway finds its registry by the name of the folder alone.
    #[error("the Python gateway can't be told to use `{}`: it asks for a folder named `hirogate`", data.display())]
    DataFolderName {
        /// The folder.
        data: PathBuf,
    },
    /// The process runs, and its port is not its own.
    #[error("process {pid} of `gateway:{instance}` did not open port {port} within {:.1} s{}", waited.as_secs_f64(), log_lines(stderr))]
    PortNotOpened {
        /// The instance.
        instance: String,
        /// Its process; it was ended if this start had started it.
        pid: u32,
        /// The port.
        port: u16,
        /// How long it was waited for.
        waited: Duration,
        /// The last lines of its stderr.
        stderr: Vec<String>,
    },
    /// The process ended before its port was open.
    #[error(
        "could not start `gateway:{instance}`: it ended before it opened port {port}: {evidence}{}",
        log_lines(stderr)
    )]
    EndedEarly {
        /// The instance.
        instance: String,
        /// The port.
        port: u16,
        /// How that is known.
        evidence: String,
        /// The last lines of its stderr.
        stderr: Vec<String>,
    },
    /// The log can't be written.
    #[error("could not write the log `{}`", path.display())]
    Log {
        /// The log.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The operating system refused.
    #[error("could not {action}")]
    System {
        /// What was tried.
        action: &'static str,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file or folder of an instance could not be deleted.
    #[error("could not delete `{}`", path.display())]
    Delete {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
}

impl GatewayError {
    /// What the user can do about it, where there is something that the message does not say.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Start { source, .. } | Self::Stop { source, .. } | Self::Process(source) => source.hint(),
            Self::Autostart(error) => error.hint(),
            Self::AutostartUnsettled { hint, .. } => hint.clone(),
            Self::ElevatedTask => Some("leave `--elevated-task` out".to_owned()),
            Self::AddressTaken { .. } => Some("stop that program, or choose another port".to_owned()),
            Self::PortConflict { .. } => Some("choose another port with `--port`".to_owned()),
            Self::Store(StoreError::Damaged { .. } | StoreError::TooLong { .. }) => {
                Some("repair the file or move it away; it is left as it is".to_owned())
            }
            Self::InvalidDesktopKey { .. } => Some(
                "`hiro workspaces setup` shows it as `desktop_pub`, and leaves what it is not told as it is"
                    .to_owned(),
            ),
            Self::ConfigMissing { .. } => Some(
                "`hirogate instance remove NAME`, then `hirogate instance create NAME` write it anew"
                    .to_owned(),
            ),
            _ => None,
        }
    }

    /// The message and those of all causes, in one line.
    #[must_use]
    pub fn with_causes(&self) -> String {
        let causes = std::iter::successors(self.source(), |&cause| cause.source());
        causes.fold(self.to_string(), |text, cause| format!("{text}: {cause}"))
    }
}

fn log_lines(lines: &[String]) -> String {
    lines.iter().map(|line| format!("\n  | {line}")).collect()
}

fn available_text(available: &[String]) -> String {
    if available.is_empty() { String::new() } else { format!(" Available: {}", available.join(", ")) }
}
