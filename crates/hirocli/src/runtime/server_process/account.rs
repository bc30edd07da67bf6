//! Writes down what is known of the children, after every change of it.

use std::path::PathBuf;
use std::time::Duration;

use hiro_process::Identity;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::server::Supervision;
use crate::workspace::SupervisionFile;

/// However much changes: not more often than so.
const PAUSE: Duration = Duration::from_millis(20);

/// Keeps the file of the workspace up to date for as long as it is polled.
pub(super) async fn keep(supervision: Supervision, server: Identity, workspace: PathBuf) {
    loop {
        let (file, folder) = (SupervisionFile::new(server, supervision.snapshot()), workspace.clone());
        match spawn_blocking(move || file.save(&folder)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "others don't learn what has become of the children"),
            Err(error) => tracing::error!(%error, "writing down what is known of the children failed"),
        }
        sleep(PAUSE).await;
        supervision.changed().await;
    }
}
