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
use tokio::time::{self, Instant};
use tokio_tungstenite::tungstenite::Error;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::counters::Count;
use super::farewell;
use super::handshake::{self, Socket};
use super::lobby::Place;
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
    let Admission { connection: _counted_until_the_end, place } = admission;
    // Frames are small and people wait for them.
    let _ = stream.set_nodelay(true);
    let deadline = match open(&shared, &mut stream, &place, &shutdown).await {
        Ok(socket) => converse(&shared, socket, place, &shutdown).await,
        Err(failure) => {
            shared.count(Count::HandshakesFailed, 1);
            not_opened(&shared, &mut stream, failure).await
        }
    };
    farewell::hang_up(&mut stream, deadline).await;
}

/// Why there is no WebSocket.
enum NotOpened {
    /// It took too long, or the place was needed.
    GivenUp,
    Failed(Error),
}

async fn open<'a>(
    shared: &Shared,
    stream: &'a mut TcpStream,
    place: &Place,
    shutdown: &CancellationToken,
) -> Result<Socket<'a>, NotOpened> {
    let opening = handshake::open(stream, &shared.settings.limits);
    tokio::select! {
        () = shutdown.cancelled() => Err(NotOpened::GivenUp),
        () = place.pushed_out() => Err(NotOpened::GivenUp),
        opened = time::timeout(shared.settings.timeouts.handshake, opening) => {
            opened.map_err(|_| NotOpened::GivenUp)?.map_err(NotOpened::Failed)
        }
    }
}

/// Returns until when the peer has time to take in the answer. One that sent nothing to answer is let go at once.
async fn not_opened(shared: &Shared, stream: &mut TcpStream, failure: NotOpened) -> Instant {
    match failure {
        NotOpened::GivenUp => Instant::now(),
        NotOpened::Failed(failure) => {
            debug!(%failure, "no WebSocket");
            handshake::refuse(stream, &failure).await;
            shared.farewell_deadline()
        }
    }
}

/// Returns until when the peer has time to take in the farewell.
async fn converse(
    shared: &Arc<Shared>,
    mut socket: Socket<'_>,
    place: Place,
    shutdown: &CancellationToken,
) -> Instant {
    let ending = tokio::select! {
        biased;
        () = shutdown.cancelled() => Ending::Close(Closing::Shutdown),
        ending = stay(shared, &mut socket, place) => ending,
    };
    debug!(%ending, "a connection ends");
    count_ending(shared, &ending);
    // Whoever has been pushed out makes room at once, and not when it likes.
    let is_pushed_out = matches!(ending, Ending::Close(Closing::TooManyStrangers));
    let deadline = if is_pushed_out { Instant::now() } else { shared.farewell_deadline() };
    farewell::say(&mut socket, &ending, deadline).await;
    deadline
}

async fn stay(shared: &Arc<Shared>, socket: &mut Socket<'_>, place: Place) -> Ending {
    let nonce = Nonce::generate();
    let asked = tokio::select! {
        () = place.pushed_out() => return Ending::Close(Closing::TooManyStrangers),
        asked = login::ask(socket, &nonce, shared.settings.timeouts.auth) => asked,
    };
    match asked {
        Ok(FirstFrame::Auth(response)) => stay_as_member(shared, socket, place, response, &nonce).await,
        Ok(FirstFrame::Pairing(request)) => stay_for_pairing(shared, socket, place, request).await,
        Err(refusal) => refused(shared, refusal),
    }
}

/// A bearer of a name that is taken hears that it is who it says, and then that it can't stay.
async fn stay_as_member(
    shared: &Arc<Shared>,
    socket: &mut Socket<'_>,
    place: Place,
    response: AuthResponse,
    nonce: &Nonce,
) -> Ending {
    let judged = login::judge(response, nonce, &shared.settings.desktop_key, Timestamp::now());
    let identity = match judged {
        Ok(identity) => identity,
        Err(refusal) => return refused(shared, refusal.into()),
    };
    drop(place);
    let outbox = shared.outbox();
    outbox.offer_own(&GatewayFrame::AuthOk { device_id: identity.device_id.clone() });
    let settings = &shared.settings;
    match Membership::join(Arc::clone(shared), identity, outbox.clone()) {
        Ok(membership) => session::run(socket, &outbox, Hearer::Member(&membership), settings).await,
        Err(_) => {
            outbox.close(Closing::Duplicate);
            session::run(socket, &outbox, Hearer::Nobody, settings).await
        }
    }
}

async fn stay_for_pairing(
    shared: &Arc<Shared>,
    socket: &mut Socket<'_>,
    place: Place,
    request: PairingRequest,
) -> Ending {
    let outbox = shared.outbox();
    let _pending = match PendingPairing::begin(Arc::clone(shared), request, &outbox) {
        Ok(pending) => pending,
        Err(closing) => return Ending::Close(closing),
    };
    drop(place);
    let waiting = session::run(socket, &outbox, Hearer::Nobody, &shared.settings);
    time::timeout(shared.settings.timeouts.pairing, waiting)
        .await
        .unwrap_or(Ending::Close(Closing::PairingTimeout))
}

fn count_ending(shared: &Shared, ending: &Ending) {
    match ending {
        Ending::Close(Closing::TooBig { .. }) => shared.count(Count::MessagesTooBig, 1),
        Ending::Close(Closing::ProtocolError | Closing::InvalidText) => {
            shared.count(Count::ProtocolErrors, 1)
        }
        Ending::Close(Closing::PingTimeout) => shared.count(Count::PingTimeouts, 1),
        _ => {}
    }
}

fn refused(shared: &Shared, refusal: Refusal) -> Ending {
    if let Refusal::FirstFrame(error) = &refusal {
        shared.refused(error);
    }
    refusal.into()
}
