//! What a background process says of its work: on stderr, which its start sends to a log file.

use std::io::{self, IsTerminal};

use tracing::Level;

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

/// The names are those of the Python packages; one that they don't know means `INFO`, as it does there.
fn level_of(name: &str) -> Level {
    match name.trim().to_ascii_uppercase().as_str() {
        "DEBUG" | "FINEINFO" => Level::DEBUG,
        "WARNING" | "WARN" => Level::WARN,
        "ERROR" | "CRITICAL" => Level::ERROR,
        _ => Level::INFO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_have_their_python_names() {
        let levels = ["DEBUG", "fineinfo", " info ", "WARNING", "CRITICAL", "loud"].map(level_of);
        let expected = [Level::DEBUG, Level::DEBUG, Level::INFO, Level::WARN, Level::ERROR, Level::INFO];
        assert_eq!(levels, expected);
    }
}
