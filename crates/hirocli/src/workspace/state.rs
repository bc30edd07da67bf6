//! What a running server says of its gateway: `state.json` in the workspace's folder.
//!
//! Only the running server writes it.

use std::path::{Path, PathBuf};

use hiro_process::files::Durability;
use hirogateway::store;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::moment;
use crate::Error;

/// What `state.json` holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkspaceState {
    /// Whether the server is logged in to its gateway.
    pub ws_connected: bool,
    /// When it last logged in.
    pub last_connected: Option<String>,
    /// To which gateway.
    pub gateway_url: Option<String>,
    /// Keys of other versions.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl WorkspaceState {
    /// The state in the workspace's folder; the default when there is none.
    ///
    /// # Errors
    /// When the file is there and can't be understood. It tells nothing that the next login would not tell anew, so
    /// callers may take the default then.
    pub fn load(workspace: &Path) -> Result<Self, Error> {
        Ok(store::read(&state_file(workspace))?.unwrap_or_default())
    }

    /// Writes the state into the workspace's folder.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn save(&self, workspace: &Path) -> Result<(), Error> {
        Ok(store::write(&state_file(workspace), self, Durability::Volatile)?)
    }

    /// The server has logged in to `gateway_url`.
    pub fn connected(&mut self, gateway_url: &str, now: Timestamp) {
        self.ws_connected = true;
        self.last_connected = Some(moment::with_offset(now));
        self.gateway_url = Some(gateway_url.to_owned());
    }

    /// The server is no longer logged in.
    pub fn disconnected(&mut self) {
        self.ws_connected = false;
    }
}

/// The state file in a workspace's folder.
pub fn state_file(workspace: &Path) -> PathBuf {
    workspace.join("state.json")
}
