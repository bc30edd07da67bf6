//! How a command that failed says so: once, on stderr, with what the user can do about it.

use std::io::Write;
use std::process::ExitCode;

use crate::Error;

/// Prints `error: ` and the message with all its causes, and a line `hint: ` where there is one. Returns the exit code
/// of a failure.
pub fn print_failure(error: &anyhow::Error) -> ExitCode {
    let mut stderr = std::io::stderr().lock();
    // Who closed stderr does not want to know. The alternate form has no backtrace, whatever the environment says.
    let _ = writeln!(stderr, "error: {error:#}");
    if let Some(hint) = hint(error) {
        let _ = writeln!(stderr, "hint: {hint}");
    }
    ExitCode::FAILURE
}

fn hint(error: &anyhow::Error) -> Option<String> {
    let own = error.chain().find_map(|cause| cause.downcast_ref::<Error>()?.hint());
    own.or_else(|| hirogateway::cli::hint(error))
}
