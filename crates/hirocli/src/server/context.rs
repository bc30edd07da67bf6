//! What all parts of one server share.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hiro_protocol::keys::SecretKey;
use jiff::Timestamp;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::api_token::ApiToken;
use super::gateway_state::GatewayState;
use super::history::History;
use super::hub::Hub;
use super::intake::Intake;
use super::listening::Streams;
use super::metrics::Metrics;
use super::pairing::WrongCodes;
use super::tokens::PluginTokens;
use super::usage::Gauge;
use super::{ControlRequest, Events, Settings, Supervision};
use crate::Error;
use crate::database::Database;
use crate::workspace::{WorkspaceConfig, WorkspaceEntry};

/// So many tools at a time.
const MAX_INVOCATIONS: usize = 4;

/// What all parts of one server share.
#[derive(Debug)]
pub(super) struct Context {
    /// The folder of the workspace.
    pub(super) workspace: PathBuf,
    pub(super) entry: WorkspaceEntry,
    pub(super) home: crate::Context,
    pub(super) config: WorkspaceConfig,
    pub(super) secret_key: SecretKey,
    pub(super) api_token: ApiToken,
    pub(super) tokens: PluginTokens,
    pub(super) control: mpsc::Sender<ControlRequest>,
    pub(super) events: Events,
    pub(super) supervision: Supervision,
    pub(super) hub: Arc<Hub>,
    pub(super) intake: Intake,
    pub(super) gateway: GatewayState,
    pub(super) wrong_codes: Mutex<WrongCodes>,
    pub(super) metrics: Metrics,
    pub(super) streams: Streams,
    pub(super) gauge: Arc<tokio::sync::Mutex<Gauge>>,
    /// The tools that may be at work at a time.
    pub(super) invocations: Semaphore,
    /// Cancelled when the server ends: what has no end of its own ends then.
    pub(super) ending: CancellationToken,
    history: Mutex<History>,
    database: Arc<Mutex<Database>>,
}

impl Context {
    pub(super) fn open(settings: Settings, control: mpsc::Sender<ControlRequest>) -> Result<Self, Error> {
        let Settings {
            workspace: entry,
            home,
            config,
            secret_key,
            plugin_tokens,
            events,
            supervision,
            plugins,
        } = settings;
        let workspace = entry.path.clone();
        Ok(Self {
            database: Arc::new(Mutex::new(Database::open(&workspace)?)),
            gateway: GatewayState::reset(&workspace)?,
            api_token: ApiToken::issue(&workspace)?,
            hub: plugins.hub,
            intake: Intake::default(),
            wrong_codes: Mutex::default(),
            metrics: Metrics::new(&config),
            streams: Streams::default(),
            gauge: Arc::default(),
            invocations: Semaphore::new(MAX_INVOCATIONS),
            ending: CancellationToken::new(),
            history: Mutex::default(),
            tokens: plugin_tokens,
            workspace,
            entry,
            home,
            config,
            secret_key,
            control,
            events,
            supervision,
        })
    }

    /// What was said lately.
    pub(super) fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets `work` use the database, on a thread that may wait for the disk.
    pub(super) async fn with_database<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Database) -> T + Send + 'static,
    ) -> T {
        let database = self.database.clone();
        let done = spawn_blocking(move || work(&database.lock().unwrap_or_else(PoisonError::into_inner)));
        done.await.expect("work with the database doesn't panic")
    }

    /// Whether the channel `name` is to run.
    pub(super) async fn runs(&self, name: String) -> bool {
        let row = self.with_database(move |database| database.channel_plugin(&name)).await;
        row.ok().flatten().is_some_and(|plugin| plugin.enabled)
    }

    /// Whether the device may take part now. Where that can't be told it may not.
    pub(super) async fn is_paired(&self, device_id: String) -> bool {
        let paired =
            self.with_database(move |database| database.is_paired(&device_id, Timestamp::now())).await;
        paired.unwrap_or_else(|error| {
            tracing::error!(%error, "can't tell whether a device is paired");
            false
        })
    }

    /// What people call a device: its name, or else its id.
    pub(super) async fn device_name(&self, device_id: String) -> String {
        self.with_database(move |database| match database.device_name(&device_id) {
            Ok(Some(name)) => name,
            Ok(None) => device_id,
            Err(error) => {
                tracing::warn!(%error, %device_id, "the name of a device is unknown");
                device_id
            }
        })
        .await
    }
}
