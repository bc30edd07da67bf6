//! How a command that failed says so: once, on stderr, with what the user can do about it.

use std::io::Write;
use std::process::ExitCode;

use crate::error::GatewayError;

/// Prints `error: ` and the message with all its causes, and a line `hint: ` where there is one. Returns the exit code
/// of a failure.
pub fn print_failure(error: &anyhow::Error) -> ExitCode {
    print_failure_with(error, hint(error).as_deref())
}

/// The same, for a program whose errors have hints of their own.
pub fn print_failure_with(error: &anyhow::Error, hint: Option<&str>) -> ExitCode {
    let mut stderr = std::io::stderr().lock();
    // Who closed stderr does not want to know. The alternate form has no backtrace, whatever the environment says.
    let _ = writeln!(stderr, "error: {error:#}");
    if let Some(hint) = hint {
        let _ = writeln!(stderr, "hint: {hint}");
    }
    ExitCode::FAILURE
}

/// What the user can do about it, where the error or one of its causes knows.
#[must_use]
pub fn hint(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        let of_gateway = cause.downcast_ref::<GatewayError>().and_then(GatewayError::hint);
        of_gateway.or_else(|| cause.downcast_ref::<hiro_process::Error>()?.hint())
    })
}
