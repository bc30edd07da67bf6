//! How a command that failed says so: once, on stderr, with what the user can do about it.

use std::process::ExitCode;

use crate::Error;

/// Prints `error: ` and the message with all its causes, and a line `hint: ` where there is one. Returns the exit code
/// of a failure.
pub fn print_failure(error: &anyhow::Error) -> ExitCode {
    let own = error.chain().find_map(|cause| cause.downcast_ref::<Error>()?.hint());
    let hint = own.or_else(|| hirogateway::cli::hint(error));
    hirogateway::cli::print_failure_with(error, hint.as_deref())
}
