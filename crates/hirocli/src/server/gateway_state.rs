//! Whether the server is logged in to its gateway, as the devices plugin reports it: kept in memory, and in
//! `state.json` for others.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use crate::Error;
use crate::workspace::WorkspaceState;

/// The state of the moment, and where it is written.
#[derive(Debug)]
pub(super) struct GatewayState {
    workspace: PathBuf,
    state: Mutex<WorkspaceState>,
}

impl GatewayState {
    /// The state that the last server left behind, but not connected: a server that was killed could not say so.
    pub(super) fn reset(workspace: &Path) -> Result<Self, Error> {
        let mut state = WorkspaceState::load(workspace).unwrap_or_else(|error| {
            tracing::warn!(%error, "beginning with a new state");
            WorkspaceState::default()
        });
        state.disconnected();
        state.save(workspace)?;
        Ok(Self { workspace: workspace.to_owned(), state: Mutex::new(state) })
    }

    /// The state of the moment.
    pub(super) async fn get(&self) -> WorkspaceState {
        self.state.lock().await.clone()
    }

    pub(super) async fn connected(&self, gateway_url: &str) {
        self.change(|state| state.connected(gateway_url, Timestamp::now())).await;
    }

    pub(super) async fn disconnected(&self) {
        self.change(WorkspaceState::disconnected).await;
    }

    /// Holds the state until it is written, so that the file ends with the last change.
    async fn change(&self, change: impl FnOnce(&mut WorkspaceState)) {
        let mut state = self.state.lock().await;
        let before = state.clone();
        change(&mut state);
        if *state == before {
            return;
        }
        let (workspace, changed) = (self.workspace.clone(), state.clone());
        if let Ok(Err(error)) = spawn_blocking(move || changed.save(&workspace)).await {
            tracing::warn!(%error, "others don't learn of the state of the gateway");
        }
    }
}
