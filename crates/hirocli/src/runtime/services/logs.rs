//! Keeps the logs of a running service from filling the disk.
//!
//! Not those in which a line says that it is ready: with the line its readiness would go.

use hiro_process::cut_log;

use crate::runtime::supervision::STDERR_LIMIT;
use crate::services::{Ready, Service};

/// So many of the old logs are kept, see the launch of services.
const KEPT: u32 = 5;

/// Cuts the logs of a service that have grown beyond the limit; whether one had.
pub(super) fn cut(service: &Service) -> bool {
    if matches!(service.definition().ready, Ready::Log(_)) {
        return false;
    }
    let logs = service.logs();
    let cut = logs.map(|log| {
        cut_log(&log, STDERR_LIMIT, KEPT).unwrap_or_else(|error| {
            tracing::error!(log = %log.display(), %error, "can't cut a log");
            false
        })
    });
    cut.contains(&true)
}
