//! One connection from its acceptance to its end: handshake, first frame, then a stay as a member or as a client that
//! waits for its pairing.

use std::sync::Arc;

use hiro_protocol::gateway::client::AuthResponse;
use hiro_protocol::gateway::closing::Closing;
use hiro_protocol::gateway::first_frame::FirstFrame;
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
use super::outbox::Outbox;
use super::session::{self, Ending, Hearer};
use super::shared::{Admission, Shared};
use super::stream::Stream;

/// Ten thousand of these may wait at once: what only the beginning and the end need is in boxes of its own, which do
/// not outlast it.
pub(super) async fn serve(
    shared: Arc<Shared>,
    stream: TcpStream,
    admission: Admission,
    shutdown: CancellationToken,
) {
    let Admission { connection: _counted_until_the_end, place } = admission;
    // Frames are small and people wait for them.
    let _ = stream.set_nodelay(true);
    let deadline = Instant::now() + shared.settings.timeouts.handshake;
    let securing = handshake::secure(stream, shared.settings.tls.as_deref());
    let Some(Ok(mut stream)) = Box::pin(unless_given_up(securing, deadline, &place, &shutdown)).await else {
        return shared.count(Count::HandshakesFailed, 1);
    };
    let opening = handshake::open(&mut stream, &shared.settings.limits);
    let deadline = match Box::pin(unless_given_up(opening, deadline, &place, &shutdown)).await {
        Some(Ok(socket)) => converse(&shared, socket, place, &shutdown).await,
        Some(Err(failure)) => Box::pin(not_opened(&shared, &mut stream, Some(failure))).await,
        None => Box::pin(not_opened(&shared, &mut stream, None)).await,
    };
    Box::pin(farewell::hang_up(&mut stream, deadline)).await;
}

/// `None` when the step took too long, or the place was needed, or the relay stops.
async fn unless_given_up<T>(
    step: impl Future<Output = T>,
    deadline: Instant,
    place: &Place,
    shutdown: &CancellationToken,
) -> Option<T> {
    tokio::select! {
        () = shutdown.cancelled() => None,
        () = place.pushed_out() => None,
        outcome = time::timeout_at(deadline, step) => outcome.ok(),
    }
}

/// Returns until when the peer has time to take in the answer. One that was given up is let go at once.
async fn not_opened(shared: &Shared, stream: &mut Stream, failure: Option<Error>) -> Instant {
    shared.count(Count::HandshakesFailed, 1);
    let Some(failure) = failure else { return Instant::now() };
    debug!(%failure, "no WebSocket");
    handshake::refuse(stream, &failure).await;
    shared.farewell_deadline()
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
    let outbox = shared.outbox();
    let seat = match Box::pin(take_seat(shared, socket, place, &outbox)).await {
        Ok(seat) => seat,
        Err(ending) => return ending,
    };
    socket.get_mut().allow_all();
    let staying = session::run(socket, &outbox, seat.hearer(), &shared.settings);
    match &seat {
        Seat::Member(_) | Seat::Duplicate => staying.await,
        Seat::Pairing(_) => time::timeout(shared.settings.timeouts.pairing, staying)
            .await
            .unwrap_or(Ending::Close(Closing::PairingTimeout)),
    }
}

/// What a connection has come to after its first frame.
enum Seat {
    Member(Membership),
    /// One that hears that it is who it says, and then that it can't stay.
    Duplicate,
    Pairing(#[expect(dead_code, reason = "the request is forgotten when it is dropped")] PendingPairing),
}

impl Seat {
    fn hearer(&self) -> Hearer<'_> {
        match self {
            Self::Member(membership) => Hearer::Member(membership),
            Self::Duplicate | Self::Pairing(_) => Hearer::Nobody,
        }
    }
}

async fn take_seat(
    shared: &Arc<Shared>,
    socket: &mut Socket<'_>,
    place: Place,
    outbox: &Outbox,
) -> Result<Seat, Ending> {
    let nonce = Nonce::generate();
    let asked = tokio::select! {
        () = place.pushed_out() => return Err(Ending::Close(Closing::TooManyStrangers)),
        asked = login::ask(socket, &nonce, shared.settings.timeouts.auth) => asked,
    };
    match asked {
        Ok(FirstFrame::Auth(response)) => seat_as_member(shared, response, &nonce, outbox),
        Ok(FirstFrame::Pairing(request)) => PendingPairing::begin(Arc::clone(shared), request, outbox)
            .map(Seat::Pairing)
            .map_err(Ending::Close),
        Err(refusal) => Err(refused(shared, refusal)),
    }
}

fn seat_as_member(
    shared: &Arc<Shared>,
    response: AuthResponse,
    nonce: &Nonce,
    outbox: &Outbox,
) -> Result<Seat, Ending> {
    let identity = login::judge(response, nonce, &shared.settings.desktop_key, Timestamp::now())
        .map_err(|refusal| refused(shared, refusal.into()))?;
    outbox.offer_own(&GatewayFrame::AuthOk { device_id: identity.device_id.clone() });
    Ok(match Membership::join(Arc::clone(shared), identity, outbox.clone()) {
        Ok(membership) => Seat::Member(membership),
        Err(_) => {
            outbox.close(Closing::Duplicate);
            Seat::Duplicate
        }
    })
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

#[cfg(test)]
mod tests {
    use super::serve;

    fn size_of_future<A, B, C, D, F>(_: impl Fn(A, B, C, D) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn the_task_of_a_connection_is_small() {
        let bytes = size_of_future(serve);
        assert!(bytes <= 4096, "{bytes}");
    }
}
