//! The opening handshake. A program that speaks plain HTTP gets a plain answer.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, accept_async_with_config};

use super::settings::Limits;

/// The stream stays the caller's, who closes it in its own way.
pub(super) type Socket<'a> = WebSocketStream<&'a mut TcpStream>;

const UPGRADE_REQUIRED: &[u8] = b"HTTP/1.1 426 Upgrade Required\r\n\
    Upgrade: websocket\r\n\
    Connection: close\r\n\
    Content-Type: text/plain\r\n\
    Content-Length: 26\r\n\
    \r\n\
    this port speaks WebSocket";

/// Small ones: an idle device should cost little.
const READ_BUFFER_BYTES: usize = 16 << 10;
const WRITE_BUFFER_BYTES: usize = 32 << 10;

pub(super) async fn open<'a>(stream: &'a mut TcpStream, limits: &Limits) -> Result<Socket<'a>, Error> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(limits.message_bytes))
        .max_frame_size(Some(limits.message_bytes))
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES);
    accept_async_with_config(stream, Some(config)).await
}

/// Tells a client that sent a request of another kind what is spoken here.
pub(super) async fn refuse(stream: &mut TcpStream, failure: &Error) {
    if matches!(failure, Error::Protocol(_) | Error::Http(_) | Error::HttpFormat(_)) {
        // Whoever does not read the answer does not need it.
        let _ = stream.write_all(UPGRADE_REQUIRED).await;
    }
}
