//! The end of a connection: the close frame goes out, and the peer gets a bounded time to take it in.

use futures_util::SinkExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{self, Instant};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::handshake::Socket;
use super::session::Ending;
use super::stream::Stream;

/// Says why the connection ends, or answers the peer's own farewell.
pub(super) async fn say(socket: &mut Socket<'_>, ending: &Ending, deadline: Instant) {
    let said = async {
        match ending {
            Ending::Close(closing) => {
                let frame = CloseFrame { code: closing.code().into(), reason: closing.reason().into() };
                socket.close(Some(frame)).await
            }
            Ending::PeerLeft => socket.flush().await,
            Ending::Broken(_) => Ok(()),
        }
    };
    // A peer that does not listen any more is let go without.
    let _ = time::timeout_at(deadline, said).await;
}

/// Closes our half and reads on until the peer closes its own: to close a socket with unread bytes would reset the
/// connection, and the peer might lose the close frame.
pub(super) async fn hang_up(stream: &mut Stream, deadline: Instant) {
    // However much it had still to say.
    stream.allow_all();
    let drained = async {
        let mut ignored = [0; 4096];
        stream.shutdown().await?;
        while stream.read(&mut ignored).await? > 0 {}
        Ok::<(), std::io::Error>(())
    };
    let _ = time::timeout_at(deadline, drained).await;
}
