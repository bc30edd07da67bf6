//! A throw-away device that shows that a workspace works: it pairs, logs in, says something, and waits for the echo.
//!
//! It goes the whole way: gateway, devices plugin, server, echo plugin, and back. It leaves nothing behind.

mod bridge;
mod device;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::Error;
use crate::database::Database;
use crate::workspace::{PairingSession, WorkspaceConfig};
use device::DemoDevice;

/// What a demonstration needs to know.
#[derive(Debug, Clone)]
pub struct Demo {
    /// The folder of the workspace.
    pub workspace: PathBuf,
    /// The gateway of the workspace.
    pub gateway_url: String,
    /// Where the workspace's server tells its status, as `http://127.0.0.1:18080/status`.
    pub status_url: String,
    /// What the device says.
    pub message: String,
    /// How long to wait for the server to log in to the gateway, and for the echo.
    pub patience: Duration,
}

/// What came of a demonstration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoOutcome {
    /// The name that the device had.
    pub device_id: String,
    /// What came back.
    pub echo: String,
    /// From the pairing request to its approval.
    pub pairing_time: Duration,
    /// From the message to its echo.
    pub round_trip: Duration,
}

/// Pairs a new device through the gateway, sends `demo.message` as it, waits for the echo, and forgets the device.
///
/// # Errors
/// When the server doesn't log in to the gateway in time, a step of the device fails, or no echo comes.
pub async fn run(demo: &Demo) -> Result<DemoOutcome, Error> {
    bridge::wait_until_connected(&demo.status_url, demo.patience).await?;
    let started = Instant::now();
    let device = pair(demo).await?;
    let pairing_time = started.elapsed();
    let said = device.say(&demo.gateway_url, &demo.message, demo.patience).await;
    Database::open(&demo.workspace)?.remove_device(&device.device_id)?;
    let (echo, round_trip) = said?;
    Ok(DemoOutcome { device_id: device.device_id, echo, pairing_time, round_trip })
}

/// Pairs under a code of its own. One that a person is about to type in holds again afterwards.
async fn pair(demo: &Demo) -> Result<DemoDevice, Error> {
    let config = WorkspaceConfig::load(&demo.workspace)?;
    let now = Timestamp::now();
    let earlier = PairingSession::load(&demo.workspace, now)?;
    let session = PairingSession::new(config.pairing_code_length, config.pairing_code_ttl_seconds, now);
    session.save(&demo.workspace)?;
    let paired = DemoDevice::pair(&demo.gateway_url, &session.code).await;
    match earlier {
        Some(earlier) => earlier.save(&demo.workspace)?,
        None => PairingSession::clear(&demo.workspace)?,
    }
    paired
}
