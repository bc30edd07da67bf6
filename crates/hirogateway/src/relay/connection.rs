//! One connection from its acceptance to its end: handshake, first frame, then a stay as a member or as a client that
//! waits for its pairing.

use std::sync::Arc;

use hiro_protocol::gateway::client::AuthResponse;
use hiro_protocol::gateway::closing::Closing;
use hiro_protocol::gateway::first_frame::FirstFrame;
use hiro_protocol::gateway::pairing::PairingRequest;
use hiro_protocol::gateway::server::GatewayFrame;
use hiro_protocol::nonce::Nonce;
use jiff::Timestamp;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{self, Instant};
use tokio_tungstenite::tungstenite::Error;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::farewell;
use super::handshake::{self, Socket};
use super::login::{self, Refusal};
use super::membership::{Membership, PendingPairing};
use super::session::{self, Ending, Hearer};
use super::shared::{Admission, Shared};

pub(super) async fn serve(
    shared: Arc<Shared>,
    mut stream: TcpStream,
    admission: Admission,
    shutdown: CancellationToken,
) {
    let Admission { connection: _given_back_at_the_end, unauthenticated } = admission;
    // Frames are small and people wait for them.
    let _ = stream.set_nodelay(true);
    let deadline = match open(&shared, &mut stream, &shutdown).await {
        Ok(socket) => converse(&shared, socket, unauthenticated, &shutdown).await,
        Err(failure) => {
            if let Some(failure) = failure {
                debug!(%failure, "no WebSocket");
                handshake::refuse(&mut stream, &failure).await;
            }
            shared.farewell_deadline()
        }
    };
    farewell::hang_up(&mut stream, deadline).await;
}

/// `Err(None)` when it took too long.
async fn open<'a>(
    shared: &Shared,
    stream: &'a mut TcpStream,
    shutdown: &CancellationToken,
) -> Result<Socket<'a>, Option<Error>> {
    let opening = handshake::open(stream, &shared.settings.limits);
    tokio::select! {
        () = shutdown.cancelled() => Err(None),
        opened = time::timeout(shared.settings.timeouts.handshake, opening) => {
            opened.map_err(|_| None)?.map_err(Some)
        }
    }
}

/// Returns until when the peer has time to take in the farewell.
async fn converse(
    shared: &Arc<Shared>,
    mut socket: Socket<'_>,
    unauthenticated: OwnedSemaphorePermit,
    shutdown: &CancellationToken,
) -> Instant {
    let ending = tokio::select! {
        biased;
        () = shutdown.cancelled() => Ending::Close(Closing::Shutdown),
        ending = stay(shared, &mut socket, unauthenticated) => ending,
    };
    debug!(%ending, "a connection ends");
    let deadline = shared.farewell_deadline();
    farewell::say(&mut socket, &ending, deadline).await;
    deadline
}

async fn stay(
    shared: &Arc<Shared>,
    socket: &mut Socket<'_>,
    unauthenticated: OwnedSemaphorePermit,
) -> Ending {
    let nonce = Nonce::generate();
    match login::ask(socket, &nonce, shared.settings.timeouts.auth).await {
        Ok(FirstFrame::Auth(response)) => {
            stay_as_member(shared, socket, unauthenticated, response, &nonce).await
        }
        Ok(FirstFrame::Pairing(request)) => stay_for_pairing(shared, socket, unauthenticated, request).await,
        Err(refusal) => refused(shared, refusal),
    }
}

/// A bearer of a name that is taken hears that it is who it says, and then that it can't stay.
async fn stay_as_member(
    shared: &Arc<Shared>,
    socket: &mut Socket<'_>,
    unauthenticated: OwnedSemaphorePermit,
    response: AuthResponse,
    nonce: &Nonce,
) -> Ending {
    let judged = login::judge(response, nonce, &shared.settings.desktop_key, Timestamp::now());
    let identity = match judged {
        Ok(identity) => identity,
        Err(refusal) => return refused(shared, refusal.into()),
    };
    drop(unauthenticated);
    let outbox = shared.outbox();
    outbox.offer_own(&GatewayFrame::AuthOk { device_id: identity.device_id.clone() });
    let timeouts = &shared.settings.timeouts;
    match Membership::join(Arc::clone(shared), identity, outbox.clone()) {
        Ok(membership) => session::run(socket, &outbox, Hearer::Member(&membership), timeouts).await,
        Err(_) => {
            outbox.close(Closing::Duplicate);
            session::run(socket, &outbox, Hearer::Nobody, timeouts).await
        }
    }
}

async fn stay_for_pairing(
    shared: &Arc<Shared>,
    socket: &mut Socket<'_>,
    unauthenticated: OwnedSemaphorePermit,
    request: PairingRequest,
) -> Ending {
    let outbox = shared.outbox();
    let _pending = match PendingPairing::begin(Arc::clone(shared), request, &outbox) {
        Ok(pending) => pending,
        Err(closing) => return Ending::Close(closing),
    };
    drop(unauthenticated);
    let timeouts = &shared.settings.timeouts;
    let waiting = session::run(socket, &outbox, Hearer::Nobody, timeouts);
    time::timeout(timeouts.pairing, waiting).await.unwrap_or(Ending::Close(Closing::PairingTimeout))
}

fn refused(shared: &Shared, refusal: Refusal) -> Ending {
    if let Refusal::FirstFrame(error) = &refusal {
        shared.refused(error);
    }
    refusal.into()
}
