//! Start, stop, restart and status of a gateway in the background.

use std::process::ExitCode;

use jiff::Timestamp;

use super::arguments::{Restart, Stop};
use super::output::Output;
use super::{progress, text};
use crate::report::table;
use crate::service::{Gateways, StartRequest};

pub(super) fn start(
    gateways: &Gateways,
    name: Option<&str>,
    request: &StartRequest,
    output: Output,
) -> anyhow::Result<ExitCode> {
    let result = gateways.start_instance(name, request, &mut progress::tell)?;
    output.result(&result, &text::started(&result))
}

pub(super) fn stop(gateways: &Gateways, stop: &Stop, output: Output) -> anyhow::Result<ExitCode> {
    let result = gateways.stop_instance(stop.which.name(), &stop.patience())?;
    output.result(&result, &text::stopped(&result))
}

pub(super) fn restart(gateways: &Gateways, restart: &Restart, output: Output) -> anyhow::Result<ExitCode> {
    let result =
        gateways.restart_instance(restart.which.name(), &restart.how.request()?, &mut progress::tell)?;
    output.result(&result, &text::restarted(&result))
}

/// The exit code tells about one instance if that one was named.
pub(super) fn status(gateways: &Gateways, name: Option<&str>, output: Output) -> anyhow::Result<ExitCode> {
    let reports = gateways.get_status(name)?;
    let table = table(&reports, Timestamp::now());
    output.reports(&reports, if table.is_empty() { text::NO_INSTANCES } else { &table })?;
    Ok(match (name, reports.instances.as_slice()) {
        (Some(_), [report]) => ExitCode::from(report.state.exit_code()),
        _ => ExitCode::SUCCESS,
    })
}
