//! Opens a WebSocket within a bounded time.

use tokio::time::timeout;
use tokio_tungstenite::connect_async_with_config;

use super::{ClientSocket, OPEN_TIMEOUT, config};
use crate::Error;

/// Connects to `url` (`ws://…`).
///
/// # Errors
/// The URL is none, nobody listens there, whoever does speaks no WebSocket, or it takes too long.
pub async fn connect(url: &str) -> Result<ClientSocket, Error> {
    // Frames are small and somebody waits for each: Nagle's algorithm would only add delay.
    let opening = connect_async_with_config(url, Some(config()), true);
    match timeout(OPEN_TIMEOUT, opening).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(source)) => Err(Error::Connect { url: url.to_owned(), source: Box::new(source) }),
        Err(_) => Err(Error::ConnectTimeout { url: url.to_owned(), waited: OPEN_TIMEOUT }),
    }
}
