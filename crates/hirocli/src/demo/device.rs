//! The device of a demonstration: a key of its own, an attestation, and one thing to say.

use std::time::{Duration, Instant};

use hiro_channel_sdk::gateway_client::{Credentials, GatewayClient};
use hiro_channel_sdk::{devices, echo};
use hiro_protocol::attestation::Attestation;
use hiro_protocol::gateway::client::ClientFrame;
use hiro_protocol::gateway::pairing::{PairingOutcome, PairingRequest};
use hiro_protocol::gateway::server::GatewayFrame;
use hiro_protocol::keys::SecretKey;
use hiro_protocol::unified_message::{MessageType, UnifiedMessage};
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use crate::Error;

/// What the device calls itself.
const NAME: &str = "hiro demo";

const PING_INTERVAL: Duration = Duration::from_secs(30);

/// A paired device.
#[derive(Debug)]
pub(super) struct DemoDevice {
    pub(super) device_id: String,
    attestation: Attestation,
    key: SecretKey,
}

impl DemoDevice {
    /// Asks the workspace behind the gateway to be paired.
    pub(super) async fn pair(gateway_url: &str, code: &str) -> Result<Self, Error> {
        let key = SecretKey::generate();
        let mut client = GatewayClient::connect(gateway_url, PING_INTERVAL).await?;
        client.next_frame("auth_challenge").await?;
        let request = PairingRequest {
            pairing_code: code.to_owned(),
            device_public_key: key.public_key().to_base64(),
            device_name: Some(NAME.to_owned()),
        };
        client.send(&ClientFrame::PairingRequest(request)).await?;
        let outcome = loop {
            // What comes before is the gateway's word that the request was passed on.
            if let GatewayFrame::PairingResponse(outcome) = client.next_frame("pairing_response").await? {
                break outcome;
            }
        };
        client.close().await;
        Self::approved(key, outcome)
    }

    fn approved(key: SecretKey, outcome: PairingOutcome) -> Result<Self, Error> {
        match outcome {
            PairingOutcome::Approved { attestation, device_id } => {
                let attestation = attestation.and_then(|fields| serde_json::from_value(fields.into()).ok());
                Ok(Self {
                    device_id: device_id.ok_or(Error::PairingIncomplete { what: "device_id" })?,
                    attestation: attestation.ok_or(Error::PairingIncomplete { what: "attestation" })?,
                    key,
                })
            }
            PairingOutcome::Rejected { reason } => Err(Error::PairingRejected { reason }),
            _ => Err(Error::PairingIncomplete { what: "status" }),
        }
    }

    /// Logs in, says `text`, and returns what came back and how long it took.
    pub(super) async fn say(
        &self,
        gateway_url: &str,
        text: &str,
        patience: Duration,
    ) -> Result<(String, Duration), Error> {
        let mut client = GatewayClient::connect(gateway_url, PING_INTERVAL).await?;
        client.log_in(&Credentials::Device { attestation: &self.attestation, key: &self.key }).await?;
        let started = Instant::now();
        let message = UnifiedMessage::text(devices::NAME, &self.device_id, text);
        client.send(&json!({"payload": message})).await?;
        let answer = timeout(patience, next_echo(&mut client)).await;
        let round_trip = started.elapsed();
        client.close().await;
        Ok((answer.map_err(|_| Error::NoEcho { waited: patience })??, round_trip))
    }
}

/// The first echo among all that the gateway relays.
async fn next_echo(client: &mut GatewayClient) -> Result<String, Error> {
    loop {
        let frame = client.next_text("echo").await?;
        if let Some(echo) = read_echo(&frame) {
            return Ok(echo);
        }
    }
}

fn read_echo(frame: &str) -> Option<String> {
    let mut frame: Map<String, Value> = serde_json::from_str(frame).ok()?;
    let message: UnifiedMessage = serde_json::from_value(frame.remove("payload")?).ok()?;
    let is_echo = message.message_type == MessageType::Message
        && message.routing.sender_id.strip_prefix(echo::NAME).is_some_and(|rest| rest.starts_with(':'));
    message.first_text().filter(|_| is_echo).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_echo_plugin_says_is_an_echo() {
        let frame =
            |message: &UnifiedMessage| json!({"payload": message, "sender_device_id": "d"}).to_string();
        let question = UnifiedMessage::text("devices", "mobile-1", "hello");
        assert_eq!(read_echo(&frame(&question)), None);
        assert_eq!(read_echo(&frame(&question.received())), None);
        assert_eq!(read_echo(&frame(&echo::echo(question).unwrap())), Some("[echo] hello".to_owned()));
        assert_eq!(read_echo("[]"), None);
    }
}
