//! The server of one workspace: its HTTP API and the port of its channel plugins.
//!
//! The caller owns the ports, which are bound before anything starts, and the reason to stop; see [`Server`]. The
//! process around it, its PID file and its plugins' processes are none of its business.

mod api_token;
mod context;
mod control;
mod events;
mod gateway_state;
mod history;
mod http;
mod hub;
mod intake;
mod listening;
mod messages;
mod metrics;
mod orders;
mod pairing;
mod plugin_config;
mod plugin_port;
mod processes;
mod registered;
mod requests;
mod router;
mod supervision;
mod tokens;
mod toolbox;
mod usage;

use std::sync::Arc;
use std::time::Duration;

use hiro_protocol::keys::SecretKey;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub use api_token::token_file;
pub use control::{ChildOrder, ChildOutcome, ChildRefusal, ChildRequest, ControlRequest};
pub use events::{Event, Events, Heard, Listener, ProcessChange, ProcessEvent, Told};
pub(crate) use plugin_config::RULES;
pub use registered::RegisteredPlugins;
pub use supervision::{ChildAccount, LastCrash, Offence, Supervision};
pub use tokens::PluginTokens;

use crate::Error;
use crate::workspace::{WorkspaceConfig, WorkspaceEntry};
use context::Context;

/// How long the HTTP API may take to finish what it is doing.
const HTTP_FINISH_TIMEOUT: Duration = Duration::from_secs(2);

/// The ports of a server, already bound.
#[derive(Debug)]
pub struct Listeners {
    /// For the HTTP API.
    pub http: TcpListener,
    /// For the channel plugins, on the loopback interface.
    pub plugins: TcpListener,
}

/// What a server needs to know.
#[derive(Debug)]
pub struct Settings {
    /// Its workspace.
    pub workspace: WorkspaceEntry,
    /// The user's data folders, and the program that others are run with.
    pub home: crate::Context,
    /// The configuration of its workspace.
    pub config: WorkspaceConfig,
    /// The master key of its workspace.
    pub secret_key: SecretKey,
    /// Who may register as which plugin.
    pub plugin_tokens: PluginTokens,
    /// Where it tells what happens.
    pub events: Events,
    /// What is known of its children.
    pub supervision: Supervision,
    /// The plugins that are registered.
    pub plugins: RegisteredPlugins,
}

/// A server that is ready to run.
///
/// ```
/// use hiro_protocol::keys::SecretKey;
/// use hirocli::server::{Events, Listeners, PluginTokens, RegisteredPlugins, Server, Settings, Supervision};
/// use hirocli::workspace::{WorkspaceConfig, WorkspaceEntry};
/// use tokio::net::TcpListener;
/// use tokio::sync::mpsc;
/// use tokio_util::sync::CancellationToken;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let listeners = Listeners {
///     http: TcpListener::bind("127.0.0.1:0").await?,
///     plugins: TcpListener::bind("127.0.0.1:0").await?,
/// };
/// let settings = Settings {
///     workspace: WorkspaceEntry {
///         id: "1".to_owned(),
///         name: "default".to_owned(),
///         path: folder.path().to_owned(),
///         port_slot: 0,
///         other: serde_json::Map::new(),
///     },
///     home: hirocli::Context::new(folder.path(), "hiro")?,
///     config: WorkspaceConfig::default(),
///     secret_key: SecretKey::generate(),
///     plugin_tokens: PluginTokens::default(),
///     events: Events::default(),
///     supervision: Supervision::default(),
///     plugins: RegisteredPlugins::default(),
/// };
/// let (control, _requests) = mpsc::channel(4);
/// let server = Server::new(listeners, settings, control)?;
/// let shutdown = CancellationToken::new();
/// shutdown.cancel();
/// server.run(shutdown).await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Server {
    listeners: Listeners,
    context: Arc<Context>,
}

impl Server {
    /// Opens the workspace's database, and makes a token for the HTTP API, see [`token_file`]. What comes through the HTTP API for the owner of the process is sent to
    /// `control`.
    ///
    /// # Errors
    /// When the database can't be opened or the state file or the token can't be written.
    pub fn new(
        listeners: Listeners,
        settings: Settings,
        control: mpsc::Sender<ControlRequest>,
    ) -> Result<Self, Error> {
        Ok(Self { listeners, context: Arc::new(Context::open(settings, control)?) })
    }

    /// Serves until `shutdown` is cancelled. Then the plugins are stopped and given a bounded time to finish, and
    /// their sockets are closed.
    pub async fn run(self, shutdown: CancellationToken) {
        let Self { listeners, context } = self;
        let http = serve_http(listeners.http, context.clone(), &shutdown);
        let plugins = plugin_port::serve(listeners.plugins, context.clone(), shutdown.clone());
        let measuring = metrics::collect(context.clone(), shutdown.clone());
        tokio::join!(http, plugins, measuring);
        context.gateway.disconnected().await;
    }
}

async fn serve_http(listener: TcpListener, context: Arc<Context>, stop: &CancellationToken) {
    let ending = context.ending.clone();
    let mut serving =
        std::pin::pin!(http::serve(listener, http::router(context), http::Limits::default(), stop));
    tokio::select! {
        () = &mut serving => return,
        () = stop.cancelled() => {}
    }
    ending.cancel();
    // A client that never finishes its request must not keep the server alive.
    let _ = timeout(HTTP_FINISH_TIMEOUT, serving).await;
}
