//! The gateway in the foreground: of a terminal, or of the start that spawned it.

use std::io::IsTerminal;
use std::process::ExitCode;

use tracing::Level;

use super::arguments::Start;
use super::output::Output;
use crate::error::GatewayError;
use crate::foreground;
use crate::service::Gateways;

pub(super) fn run(gateways: &Gateways, start: &Start, output: Output) -> anyhow::Result<ExitCode> {
    log_to_stderr(start.how.verbose);
    output.line("Gateway starting in foreground (Ctrl+C to stop)")?;
    foreground::run(gateways, start.which.name()).map_err(for_its_log)?;
    output.line("Gateway stopped.")?;
    Ok(ExitCode::SUCCESS)
}

fn log_to_stderr(verbose: bool) {
    let level = if verbose { Level::DEBUG } else { Level::INFO };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        // By default a line that can't be written is told about on stderr, which panics where that is what failed.
        .log_internal_errors(false)
        .init();
}

/// The last line in a log is what a crash is explained by: it has to be the error, not a hint that follows it. A hint
/// is found by the error's type.
fn for_its_log(error: GatewayError) -> anyhow::Error {
    if std::io::stderr().is_terminal() { error.into() } else { anyhow::Error::msg(error.with_causes()) }
}
