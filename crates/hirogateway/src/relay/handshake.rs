//! The opening handshakes, that of TLS where it is spoken and that of WebSocket. A program that speaks plain HTTP gets a plain answer.

use std::io;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, accept_async_with_config};

use super::settings::Limits;
use super::stream::Stream;
use super::tls::Tls;

/// The stream stays the caller's, who closes it in its own way.
pub(super) type Socket<'a> = WebSocketStream<&'a mut Stream>;

const UPGRADE_REQUIRED: &[u8] = b"HTTP/1.1 426 Upgrade Required\r\n\
    Upgrade: websocket\r\n\
    Connection: close\r\n\
    Content-Type: text/plain\r\n\
    Content-Length: 26\r\n\
    \r\n\
    this port speaks WebSocket";

/// Small ones: an idle device should cost little, and [`Stream`] reads ahead of a busy one.
const READ_BUFFER_BYTES: usize = 1 << 10;
const WRITE_BUFFER_BYTES: usize = 32 << 10;

/// What a request for a WebSocket may take.
const REQUEST_BYTES: usize = 16 << 10;

/// The bytes of the connection, after the handshake of TLS where it is spoken.
pub(super) async fn secure(stream: TcpStream, tls: Option<&Tls>) -> io::Result<Stream> {
    match tls {
        Some(tls) => Ok(Stream::tls(tls.acceptor().accept(stream).await?)),
        None => Ok(Stream::plain(stream)),
    }
}

pub(super) async fn open<'a>(stream: &'a mut Stream, limits: &Limits) -> Result<Socket<'a>, Error> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(limits.message_bytes))
        .max_frame_size(Some(limits.message_bytes))
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES);
    stream.allow(REQUEST_BYTES);
    let mut socket = accept_async_with_config(stream, Some(config)).await?;
    socket.get_mut().allow(limits.first_message_bytes);
    Ok(socket)
}

/// Tells a client that sent a request of another kind what is spoken here.
pub(super) async fn refuse(stream: &mut Stream, failure: &Error) {
    if matches!(failure, Error::Protocol(_) | Error::Http(_) | Error::HttpFormat(_)) {
        // Whoever does not read the answer does not need it.
        let _ = stream.write_all(UPGRADE_REQUIRED).await;
    }
}
