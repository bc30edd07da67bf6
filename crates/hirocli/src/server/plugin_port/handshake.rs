//! The opening handshake of a plugin.
//!
//! Web pages can open WebSockets to local ports, too. A browser always says which page it acts for, and a plugin never
//! does: so whoever names an origin is turned away.

use hiro_channel_sdk::socket::{OPEN_TIMEOUT, config};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_tungstenite::tungstenite::http::header::ORIGIN;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config, tungstenite};

/// Why a connection came to nothing.
#[derive(Debug, Error)]
pub(super) enum HandshakeError {
    #[error("no handshake in time")]
    Timeout,
    #[error("the handshake failed: {0}")]
    Failed(#[from] Box<tungstenite::Error>),
}

/// Makes a WebSocket of a fresh connection.
pub(super) async fn accept(stream: TcpStream) -> Result<WebSocketStream<TcpStream>, HandshakeError> {
    // Frames are small and somebody waits for each. Without this they come a little later, and that is all.
    let _ = stream.set_nodelay(true);
    let handshake = accept_hdr_async_with_config(stream, Doorkeeper, Some(config()));
    match timeout(OPEN_TIMEOUT, handshake).await {
        Ok(accepted) => Ok(accepted.map_err(Box::new)?),
        Err(_) => Err(HandshakeError::Timeout),
    }
}

struct Doorkeeper;

impl tungstenite::handshake::server::Callback for Doorkeeper {
    fn on_request(self, request: &Request, response: Response) -> Result<Response, ErrorResponse> {
        if !request.headers().contains_key(ORIGIN) {
            return Ok(response);
        }
        let mut refusal = ErrorResponse::new(Some("web pages may not connect here".to_owned()));
        *refusal.status_mut() = StatusCode::FORBIDDEN;
        Err(refusal)
    }
}
