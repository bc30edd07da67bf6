//! What a background process says of its work: on stderr, which its start sends to a log file.

use std::io::{self, IsTerminal};

use hiro_channel_sdk::log::level_of;

/// Begins to log at `level`, in the words of the configuration. Where this process logs already it stays as it is.
pub fn start(level: &str) {
    let subscriber = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_max_level(level_of(level))
        // By default a line that can't be written is told about on stderr, which panics where that is what failed.
        .log_internal_errors(false)
        .finish();
    let _ = tracing::subscriber::set_global_default(subscriber);
}
