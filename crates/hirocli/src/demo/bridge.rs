//! Waits until a server has logged in to its gateway, as its status tells.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::Error;

/// Nobody tells when it happens, so the status is asked for again and again.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

/// Returns as soon as the server is connected.
pub(super) async fn wait_until_connected(status_url: &str, patience: Duration) -> Result<(), Error> {
    let polling = async {
        while !is_connected(status_url.to_owned()).await {
            sleep(POLL_INTERVAL).await;
        }
    };
    let waited = timeout(patience, polling).await;
    waited.map_err(|_| Error::NotConnected { status_url: status_url.to_owned(), waited: patience })
}

async fn is_connected(status_url: String) -> bool {
    let asked = tokio::task::spawn_blocking(move || status(&status_url)).await;
    // A server that isn't there yet is not connected either.
    matches!(asked, Ok(Ok(status)) if status["ws_connected"] == Value::Bool(true))
}

fn status(url: &str) -> Result<Value, ureq::Error> {
    let request = ureq::get(url).config().timeout_global(Some(REQUEST_TIMEOUT)).build();
    request.call()?.body_mut().read_json()
}
