//! A server that runs in a task of the test, on ports and in a folder of its own.

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use hiro_protocol::keys::{PublicKey, SecretKey};
use hirocli::Context;
use hirocli::database::{Database, Device};
use hirocli::server::{
    ControlRequest, Events, Listeners, PluginTokens, RegisteredPlugins, Server, Settings, Supervision,
};
use hirocli::workspace::{WorkspaceConfig, WorkspaceEntry, WorkspaceState, master_key};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::plugin::FakePlugin;

const DEADLINE: Duration = Duration::from_secs(20);

/// Waits for `future`, but not forever.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(DEADLINE, future).await.unwrap_or_else(|_| panic!("{what}: not within {DEADLINE:?}"))
}

/// A device that is paired from the beginning.
pub(crate) const DEVICE: &str = "mobile-1";

/// The name of the workspace.
pub(crate) const WORKSPACE: &str = "test";

/// Enters a device into the database, as a pairing does.
pub(crate) fn pair(workspace: &Path, device_id: &str) {
    let device = Device {
        device_id: device_id.to_owned(),
        device_public_key: SecretKey::generate().public_key().to_base64(),
        paired_at: Timestamp::now(),
        expires_at: None,
        metadata: Map::new(),
        device_name: None,
    };
    Database::open(workspace).unwrap().insert_device(&device).unwrap();
}

pub(crate) struct RunningServer {
    pub(crate) http: SocketAddr,
    pub(crate) plugin_url: String,
    pub(crate) public_key: PublicKey,
    pub(crate) tokens: PluginTokens,
    pub(crate) registered: RegisteredPlugins,
    pub(crate) events: Events,
    pub(crate) control: mpsc::Receiver<ControlRequest>,
    pub(crate) shutdown: CancellationToken,
    folder: TempDir,
    task: JoinHandle<()>,
}

impl RunningServer {
    /// A server whose gateway nobody plays, and who knows one device.
    pub(crate) async fn start() -> Self {
        Self::start_with([("gateway_url", json!("ws://127.0.0.1:1"))]).await
    }

    /// The same, with more keys in its configuration.
    pub(crate) async fn start_with<const N: usize>(keys: [(&str, Value); N]) -> Self {
        let mut config = serde_json::to_value(WorkspaceConfig::default()).unwrap();
        for (key, value) in keys {
            config[key] = value;
        }
        let folder = tempfile::tempdir().unwrap();
        pair(folder.path(), DEVICE);
        Self::start_configured(serde_json::from_value(config).unwrap(), folder).await
    }

    /// The server of the workspace in `folder`, which gets a configuration and a key.
    pub(crate) async fn start_for(gateway_url: &str, folder: TempDir) -> Self {
        let config = WorkspaceConfig { gateway_url: gateway_url.to_owned(), ..WorkspaceConfig::default() };
        Self::start_configured(config, folder).await
    }

    /// The plugins of these tests are started by hand.
    async fn start_configured(mut config: WorkspaceConfig, folder: TempDir) -> Self {
        config.other.entry("open_plugin_port").or_insert(Value::Bool(true));
        config.save(folder.path()).unwrap();
        let secret_key: SecretKey =
            master_key::load_or_create(&config.master_key_path(folder.path())).unwrap();
        let public_key = secret_key.public_key();
        let bind = async || TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listeners = Listeners { http: bind().await, plugins: bind().await };
        let http = listeners.http.local_addr().unwrap();
        let plugin_url = format!("ws://{}", listeners.plugins.local_addr().unwrap());
        let (tokens, events) = (PluginTokens::default(), Events::default());
        let registered = RegisteredPlugins::default();
        let settings = Settings {
            workspace: WorkspaceEntry {
                id: "1".to_owned(),
                name: WORKSPACE.to_owned(),
                path: folder.path().to_owned(),
                port_slot: 0,
                other: Map::new(),
            },
            home: Context::new(folder.path(), "hiro").unwrap(),
            config,
            secret_key,
            plugin_tokens: tokens.clone(),
            events: events.clone(),
            supervision: Supervision::default(),
            plugins: registered.clone(),
        };
        let (requests, control) = mpsc::channel(4);
        let shutdown = CancellationToken::new();
        let server = Server::new(listeners, settings, requests).unwrap();
        let task = tokio::spawn(server.run(shutdown.clone()));
        Self { http, plugin_url, public_key, tokens, registered, events, control, shutdown, folder, task }
    }

    pub(crate) fn workspace(&self) -> &Path {
        self.folder.path()
    }

    /// What `state.json` says.
    pub(crate) fn state(&self) -> WorkspaceState {
        WorkspaceState::load(self.workspace()).unwrap()
    }

    /// A plugin that has registered as `name` and got its configuration.
    pub(crate) async fn plugin(&self, name: &str) -> FakePlugin {
        let mut plugin = FakePlugin::connect(&self.plugin_url).await;
        plugin.register(name).await;
        plugin
    }

    /// Stops the server and waits until it has ended.
    pub(crate) async fn stop(self) -> TempDir {
        self.shutdown.cancel();
        within("the end of the server", self.task).await.unwrap();
        self.folder
    }
}
