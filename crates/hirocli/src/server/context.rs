//! What all parts of one server share.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use hiro_protocol::keys::SecretKey;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::api_token::ApiToken;
use super::gateway_state::GatewayState;
use super::hub::Hub;
use super::intake::Intake;
use super::pairing::WrongCodes;
use super::tokens::PluginTokens;
use super::{ControlRequest, Events, Settings, Supervision};
use crate::Error;
use crate::database::Database;
use crate::workspace::WorkspaceConfig;

/// What all parts of one server share.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) workspace: PathBuf,
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
    database: Arc<Mutex<Database>>,
}

impl Context {
    pub(super) fn open(settings: Settings, control: mpsc::Sender<ControlRequest>) -> Result<Self, Error> {
        let Settings { workspace, config, secret_key, plugin_tokens, events, supervision, plugins } =
            settings;
        Ok(Self {
            database: Arc::new(Mutex::new(Database::open(&workspace)?)),
            gateway: GatewayState::reset(&workspace)?,
            api_token: ApiToken::issue(&workspace)?,
            hub: plugins.hub,
            intake: Intake::default(),
            wrong_codes: Mutex::default(),
            tokens: plugin_tokens,
            workspace,
            config,
            secret_key,
            control,
            events,
            supervision,
        })
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
    pub(super) async fn runs(&self, name: &'static str) -> bool {
        let row = self.with_database(move |database| database.channel_plugin(name)).await;
        row.ok().flatten().is_some_and(|plugin| plugin.enabled)
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
