//! Stops an instance.

use hiro_process::{StopOptions, Stopped, stop_process};
use serde::Serialize;

use super::{Gateways, process_of};
use crate::error::GatewayError;
use crate::registry::InstanceEntry;

/// An instance that does not run any more, if it ever did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StopResult {
    /// Its name.
    pub instance_name: String,
    /// It ran until now.
    pub was_running: bool,
    /// The process that it was.
    pub pid: Option<u32>,
    /// It did not end by itself.
    pub killed: bool,
    /// How it had crashed, where it had; no trace of that is left.
    pub cleared: Option<String>,
}

impl Gateways {
    /// Stops an instance, whatever its state; its configuration is not looked at.
    ///
    /// # Errors
    /// When there is no such instance; [`GatewayError::Stop`] where it can't be told what runs, or it outlives its end.
    pub fn stop_instance(
        &self,
        name: Option<&str>,
        patience: &StopOptions,
    ) -> Result<StopResult, GatewayError> {
        stop(&self.resolve(name)?, patience)
    }
}

pub(super) fn stop(entry: &InstanceEntry, patience: &StopOptions) -> Result<StopResult, GatewayError> {
    let stopped = stop_process(&process_of(entry), patience)
        .map_err(|source| GatewayError::Stop { instance: entry.name.clone(), source })?;
    let (pid, killed, cleared) = match stopped {
        Stopped::Gracefully(identity) => (Some(identity.pid.get()), false, None),
        Stopped::Killed(identity) => (Some(identity.pid.get()), true, None),
        Stopped::Cleared(crash) => (None, false, Some(crash.to_string())),
        _ => (None, false, None),
    };
    Ok(StopResult { instance_name: entry.name.clone(), was_running: pid.is_some(), pid, killed, cleared })
}
