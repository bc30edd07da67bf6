//! The WebSocket relay of one gateway: it lets a server and its devices in, and passes their frames on.
//!
//! The caller owns the port and the reason to stop. One task serves one connection; what they share is the
//! hub, and no task ever waits while it holds it.

pub mod counters;
pub mod tls;

mod bus;
mod connection;
mod farewell;
mod handshake;
mod hub;
mod lobby;
mod login;
mod membership;
mod outbox;
mod pace;
mod room;
mod session;
mod settings;
mod shared;
mod splice;
mod state_writer;
mod stream;
mod target;

use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::{debug, error, info, warn};

pub use settings::{BusSettings, BusUrl, InvalidBusUrl, Limits, RelaySettings, Timeouts};

use shared::Shared;

/// The frame `text` as it is passed on in the name of `sender`; `None` where it is dropped. For the fuzz target alone.
#[cfg(fuzzing)]
#[doc(hidden)]
pub fn spliced(text: &str, sender: &str) -> Option<String> {
    splice::Frame::read(text).map(|frame| frame.with_sender(&splice::Sender::new(sender)))
}

/// Relays on `listener` until `shutdown` is cancelled and every connection is closed with 1001.
///
/// A peer that does not take part in the closing is given up after [`Timeouts::close`].
///
/// The state file, if there is one, says from the first moment on that no desktop is connected, and follows what
/// happens; a write that fails is logged, and the relay goes on.
///
/// ```
/// use hiro_protocol::keys::SecretKey;
/// use hirogateway::relay::{self, RelaySettings};
/// use tokio_util::sync::CancellationToken;
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// let shutdown = CancellationToken::new();
/// let settings = RelaySettings::new(SecretKey::generate().public_key());
/// let relay = tokio::spawn(relay::run(listener, settings, shutdown.clone()));
/// shutdown.cancel();
/// relay.await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn run(listener: TcpListener, settings: RelaySettings, shutdown: CancellationToken) {
    let (state, writer) = state_writer::start(settings.state_file.clone()).await;
    let (bus, letters) = settings.bus.is_some().then(|| bus::channel(&settings.counters)).unzip();
    let shared = Arc::new(Shared::new(settings, state, bus));
    let farewell = CancellationToken::new();
    let link = letters.map(|letters| {
        AbortOnDropHandle::new(tokio::spawn(keep_link(Arc::clone(&shared), letters, farewell.clone())))
    });
    accept_until(&listener, &shared, &shutdown).await;
    // Its connections are closed: now the other nodes may hear that this one goes.
    farewell.cancel();
    if let Some(link) = link {
        report(link.await);
    }
    // The writer ends when the last one who could change the state is gone.
    drop(shared);
    if let Err(failure) = writer.await {
        error!(%failure, "the state file's writer failed");
    }
}

/// Keeps the link to the other nodes. A node without it is a gateway all the same.
async fn keep_link(shared: Arc<Shared>, letters: mpsc::Receiver<bus::Post>, shutdown: CancellationToken) {
    let Some((bus, settings)) = shared.bus.clone().zip(shared.settings.bus.clone()) else { return };
    let url = settings.url.clone();
    let link = match bus::Link::open(shared, bus, settings).await {
        Ok(link) => link,
        Err(failure) => return error!(%failure, %url, "no link to the bus: this node stands alone"),
    };
    if let Err(failure) = link.run(letters, shutdown).await {
        error!(%failure, %url, "the link to the bus ended: this node stands alone");
    }
}

/// Returns when every connection has ended.
async fn accept_until(listener: &TcpListener, shared: &Arc<Shared>, shutdown: &CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = shutdown.cancelled() => break,
            Some(ended) = connections.join_next() => report(ended),
            accepted = accept(listener, shared) => {
                if let Some((stream, admission)) = accepted {
                    let (shared, shutdown) = (Arc::clone(shared), shutdown.clone());
                    connections.spawn(connection::serve(shared, stream, admission, shutdown));
                }
            }
        }
    }
    info!(open = connections.len(), "closing every connection");
    while let Some(ended) = connections.join_next().await {
        report(ended);
    }
}

/// A newcomer beyond the limits is dropped before it costs anything.
async fn accept(listener: &TcpListener, shared: &Shared) -> Option<(TcpStream, shared::Admission)> {
    match listener.accept().await {
        Ok((stream, peer)) => {
            let admission = shared.admit(peer.ip());
            if admission.is_none() {
                debug!(%peer, "dropped a connection beyond the limits");
            }
            Some((stream, admission?))
        }
        Err(failure) => {
            warn!(%failure, "could not accept a connection");
            // Out of descriptors, usually: the next attempt would fail as fast.
            time::sleep(shared.settings.timeouts.accept_pause).await;
            None
        }
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    match ended {
        Ok(()) => debug!("a connection has ended"),
        Err(failure) => error!(%failure, "a connection's task failed"),
    }
}
