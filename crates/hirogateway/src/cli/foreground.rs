//! The gateway in the foreground: of a terminal, or of the start that spawned it.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Context;
use hiro_process::{Exit, become_program};

use super::arguments::{Shim, Start};
use super::output::Output;
use super::replace::replace;
use crate::error::GatewayError;
use crate::foreground;
use crate::service::Gateways;

pub(super) fn run(gateways: &Gateways, start: &Start, output: Output) -> anyhow::Result<ExitCode> {
    if let Some(python) = gateways.python_foreground(start.which.name(), &start.how.request()?)? {
        return replace(python).context("could not run the Python gateway");
    }
    output.line("Gateway starting in foreground (Ctrl+C to stop)")?;
    foreground::run(gateways, start.which.name(), &start.options()).map_err(for_its_log)?;
    output.line("Gateway stopped.")?;
    Ok(ExitCode::SUCCESS)
}

/// Where there is no `exec` the shim ends as the program did.
pub(super) fn shim(shim: &Shim) -> anyhow::Result<ExitCode> {
    let (program, arguments) = shim.command.split_first().expect("clap asks for one word at least");
    let exit = become_program(program.as_ref(), arguments).map_err(|error| for_its_log(error.into()))?;
    Ok(match exit {
        Exit::Code(code) => u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from),
        Exit::Signal(_) => ExitCode::FAILURE,
    })
}

/// The last line in a log is what a crash is explained by: it has to be the error, not a hint that follows it. A hint
/// is found by the error's type.
fn for_its_log(error: GatewayError) -> anyhow::Error {
    if std::io::stderr().is_terminal() { error.into() } else { anyhow::Error::msg(error.with_causes()) }
}
