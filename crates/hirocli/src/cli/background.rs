//! What a command does that runs in the background: its stderr is a log.

use std::io::IsTerminal;

use crate::Error;
use crate::error::with_causes;

/// The last line in a log is what a crash is explained by: it has to be the error, not a hint that follows it. A hint
/// is found by the error's type.
pub(super) fn for_its_log(error: Error) -> anyhow::Error {
    // By its type its exit code is found, and it has no hint.
    let keeps_its_type = matches!(error, Error::CommandMissing { .. });
    if keeps_its_type || std::io::stderr().is_terminal() {
        error.into()
    } else {
        anyhow::Error::msg(with_causes(&error))
    }
}
