//! The login: the challenge goes out, the first frame comes in, and what it proves is judged.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hiro_protocol::gateway::client::AuthResponse;
use hiro_protocol::gateway::closing::Closing;
use hiro_protocol::gateway::first_frame::FirstFrame;
use hiro_protocol::gateway::refusal::{AuthRefusal, FirstFrameError};
use hiro_protocol::gateway::server::GatewayFrame;
use hiro_protocol::keys::PublicKey;
use hiro_protocol::nonce::Nonce;
use jiff::Timestamp;
use tokio::time;
use tokio_tungstenite::tungstenite::Message;

use super::handshake::Socket;
use super::hub::{Identity, Role};
use super::session::Ending;

/// Why nobody was let in.
pub(super) enum Refusal {
    /// The peer gets to know why.
    FirstFrame(FirstFrameError),
    /// The connection has ended by itself.
    Ended(Ending),
}

impl From<AuthRefusal> for Refusal {
    fn from(refusal: AuthRefusal) -> Self {
        Self::FirstFrame(refusal.into())
    }
}

impl From<Refusal> for Ending {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::FirstFrame(error) => Self::Close(Closing::from(&error)),
            Refusal::Ended(ending) => ending,
        }
    }
}

/// Sends the challenge and waits for the first frame.
pub(super) async fn ask(
    socket: &mut Socket<'_>,
    nonce: &Nonce,
    patience: Duration,
) -> Result<FirstFrame, Refusal> {
    let exchange = async {
        let challenge = GatewayFrame::AuthChallenge { nonce: *nonce }.to_json();
        socket.send(Message::text(challenge)).await.map_err(|failure| Refusal::Ended(failure.into()))?;
        first_text(socket).await
    };
    let text = time::timeout(patience, exchange).await.map_err(|_| AuthRefusal::Timeout)??;
    FirstFrame::read(&text).map_err(Refusal::FirstFrame)
}

async fn first_text(socket: &mut Socket<'_>) -> Result<String, Refusal> {
    while let Some(message) = socket.next().await {
        match message.map_err(|failure| Refusal::Ended(failure.into()))? {
            Message::Text(text) => return Ok(text.as_str().to_owned()),
            Message::Binary(_) => return Err(AuthRefusal::InvalidJson.into()),
            Message::Close(_) => break,
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }
    Err(Refusal::Ended(Ending::PeerLeft))
}

/// Who logs in with `response`, provided that it proves it.
pub(super) fn judge(
    response: AuthResponse,
    nonce: &Nonce,
    desktop: &PublicKey,
    now: Timestamp,
) -> Result<Identity, AuthRefusal> {
    match response {
        AuthResponse::Desktop { device_id, nonce_signature, device_name } => {
            desktop
                .verify_base64(nonce.as_bytes(), &nonce_signature)
                .map_err(AuthRefusal::DesktopSignatureInvalid)?;
            Ok(Identity { role: Role::Desktop, device_id, device_name })
        }
        AuthResponse::Device { attestation, nonce_signature, device_name } => {
            let claims = attestation.verify(desktop, now)?;
            claims
                .verify_device_signature(nonce.as_bytes(), &nonce_signature)
                .map_err(AuthRefusal::DeviceSignatureInvalid)?;
            Ok(Identity { role: Role::Device, device_id: claims.device_id, device_name })
        }
    }
}
