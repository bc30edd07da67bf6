//! Waits until the channels of a server are ready and it is logged in to its gateway.

use std::thread;
use std::time::{Duration, Instant};

use hiro_channel_sdk::devices;
use hirogateway::report::{InstanceReport, Kind, StateName};

use super::Progress;
use crate::Error;
use crate::tools::server;
use crate::workspace::{WorkspaceEntry, WorkspaceState};

/// Short beside the time that a plugin takes, long beside the look itself.
const POLL: Duration = Duration::from_millis(5);

const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// How long the server may be away: somebody may just be restarting it.
const AWAY_PATIENCE: Duration = Duration::from_secs(1);

/// The first part that is not ready.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Missing {
    what: String,
    /// The server itself does not run.
    server_away: Option<StateName>,
}

/// Returns as soon as nothing is missing. A channel that has crashed and is given up on will not come, so it
/// is not waited for.
pub(super) fn until_ready(
    workspace: &WorkspaceEntry,
    patience: Duration,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Error> {
    let begun = Instant::now();
    let (mut last_there, mut told) = (begun, Duration::ZERO);
    // The one poll of a league: several processes and a file have to agree, which no single event tells.
    while let Some(Missing { what, server_away }) = missing(workspace)? {
        match server_away {
            None => last_there = Instant::now(),
            Some(state) if last_there.elapsed() >= AWAY_PATIENCE => {
                return Err(Error::ServerAway { workspace: workspace.name.clone(), state });
            }
            Some(_) => {}
        }
        let waited = begun.elapsed();
        if waited >= patience {
            return Err(Error::NotReady { what, waited });
        }
        if waited >= told + PROGRESS_EVERY {
            told = waited;
            progress(Progress { what, waited, phase: None });
        }
        thread::sleep(POLL);
    }
    Ok(())
}

fn missing(workspace: &WorkspaceEntry) -> Result<Option<Missing>, Error> {
    let reports = server::reports(workspace, false)?;
    if let Some(report) = reports.iter().find(|report| report.state != StateName::Ready) {
        let is_away = matches!(report.state, StateName::Stopped | StateName::Crashed);
        match report.kind {
            Kind::Server => {
                let server_away = is_away.then_some(report.state);
                return Ok(Some(Missing { what: report.name.clone(), server_away }));
            }
            _ if report.state == StateName::Crashed && !is_tried_again(report) => {
                return Err(crashed(report));
            }
            _ => return Ok(Some(Missing { what: report.name.clone(), server_away: None })),
        }
    }
    let bridge = Kind::Channel.instance_name(&format!("{}/{}", workspace.name, devices::NAME));
    let needs_gateway = reports.iter().any(|report| report.name == bridge);
    // The server says "not connected" before it is ready, so that the file never speaks of the one before.
    let is_connected = WorkspaceState::load(&workspace.path).is_ok_and(|state| state.ws_connected);
    let what = "the connection to the gateway".to_owned();
    Ok((needs_gateway && !is_connected).then_some(Missing { what, server_away: None }))
}

/// The server is about to start it again: it may come yet.
fn is_tried_again(report: &InstanceReport) -> bool {
    report.other.get("next_start_at").is_some_and(|at| !at.is_null())
}

fn crashed(report: &InstanceReport) -> Error {
    Error::ChannelCrashed {
        name: report.name.clone(),
        reason: report.last_error.clone().unwrap_or_default(),
        stderr_log: report.stderr_log.clone(),
    }
}
