//! How a command that failed says so: once, on stderr, with what the user can do about it.

use std::error::Error as StdError;
use std::process::ExitCode;

use crate::Error;

/// How the shim ends where its program is missing, as a shell would: whoever started it knows then that another try is
/// no use.
const NO_SUCH_COMMAND: u8 = 127;

/// Prints `error: ` and the message with all its causes, and a line `hint: ` where there is one. Returns the exit code
/// of a failure.
pub fn print_failure(error: &anyhow::Error) -> ExitCode {
    let own = error.chain().find_map(|cause| cause.downcast_ref::<Error>()?.hint());
    let is_missing =
        |cause: &(dyn StdError + 'static)| matches!(cause.downcast_ref(), Some(Error::CommandMissing { .. }));
    let hint = own.or_else(|| hirogateway::cli::hint(error));
    let code = hirogateway::cli::print_failure_with(error, hint.as_deref());
    if error.chain().any(is_missing) { ExitCode::from(NO_SUCH_COMMAND) } else { code }
}
