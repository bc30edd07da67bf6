//! Keeps the state file true: every change is written as it comes, and of changes that come faster than the disk
//! only the last.
//!
//! Nothing of it outlives a reboot, so the writes are not synced; a stranger who fails to log in again and again
//! costs no disk flushes.

use std::path::{Path, PathBuf};

use hiro_process::files::Durability;
use tokio::sync::watch;
use tokio::task::{self, JoinHandle};
use tracing::{error, warn};

use crate::state::State;
use crate::store;

/// Resets the file and returns where changes go. The task ends, with the last change written, once the sender is
/// dropped.
pub(super) async fn start(path: Option<PathBuf>) -> (watch::Sender<State>, JoinHandle<()>) {
    let Some(path) = path else {
        let (sender, _) = watch::channel(State::default());
        return (sender, task::spawn(async {}));
    };
    let state = reset(path.clone()).await;
    let (sender, changes) = watch::channel(state);
    (sender, task::spawn(write_changes(path, changes)))
}

async fn write_changes(path: PathBuf, mut changes: watch::Receiver<State>) {
    while changes.changed().await.is_ok() {
        let state = changes.borrow_and_update().clone();
        write(path.clone(), state).await;
    }
}

async fn reset(path: PathBuf) -> State {
    let read_from = path.clone();
    let read = task::spawn_blocking(move || store::read::<State>(&read_from)).await;
    let mut state = match read {
        Ok(Ok(state)) => state.unwrap_or_default(),
        Ok(Err(failure)) => {
            warn!(failure = &failure as &dyn std::error::Error, "the state file is written anew");
            State::default()
        }
        Err(_) => State::default(),
    };
    state.gateway_started();
    write(path, state.clone()).await;
    state
}

async fn write(path: PathBuf, state: State) {
    if !path.parent().is_some_and(Path::is_dir) {
        // The instance was removed while it ran: its folder is not brought back.
        return;
    }
    let written = task::spawn_blocking(move || store::write(&path, &state, Durability::Volatile)).await;
    if let Ok(Err(failure)) = written {
        error!(failure = &failure as &dyn std::error::Error, "the state file is out of date");
    }
}
