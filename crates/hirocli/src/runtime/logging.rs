//! What a background process says of its work: on stderr, which its start sends to a log file, and where it has one also
//! as rows in a log of its own.

use std::io::{self, IsTerminal};
use std::path::Path;

use hiro_channel_sdk::log::level_of;
use hiro_process::RotatingFile;
use hiro_protocol::log_row::HEADER;
use hirogateway::log::rows;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;

/// Begins to log at `level`, in the words of the configuration. Where this process logs already it stays as it is.
pub fn start(level: &str) {
    begin(level, None);
}

/// The same, and writes rows into the file at `path`, too, which is put aside when it has grown large. A file that can't
/// be written is no reason not to work.
pub fn start_with_file(level: &str, path: &Path) {
    match RotatingFile::open(path, HEADER, RotatingFile::USUAL) {
        Ok(file) => begin(level, Some(file)),
        Err(error) => {
            begin(level, None);
            tracing::warn!(%error, path = %path.display(), "there is no log but this one");
        }
    }
}

fn begin(level: &str, file: Option<RotatingFile>) {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        // By default a line that can't be written is told about on stderr, which panics where that is what failed.
        .log_internal_errors(false);
    let subscriber = tracing_subscriber::registry()
        .with(LevelFilter::from_level(level_of(level)))
        .with(file.map(rows))
        .with(lines);
    let _ = tracing::subscriber::set_global_default(subscriber);
}
