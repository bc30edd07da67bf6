//! The log of a plugin: `channel-NAME.log` in the folder that the server names, a row of CSV per event in the form of the
//! Python packages, and the same for people on stderr.
//!
//! A log that can't be opened or written never keeps a plugin from its work.

mod event;

use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::Mutex;

use hiro_process::RotatingFile;
use hiro_protocol::log_row::HEADER;
use tracing::Level;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;

use event::AsCsv;

/// Begins to log at `level`, in the words of the configuration: on stderr, and in `folder` where there is one. Where this
/// process logs already it stays as it is.
pub fn begin(name: &str, folder: Option<&Path>, level: &str) {
    let path = folder.map(|folder| folder.join(format!("channel-{name}.log")));
    let opened = path.map(|path| RotatingFile::open(&path, HEADER, RotatingFile::USUAL));
    let (file, failure) = match opened {
        Some(Ok(file)) => (Some(file), None),
        Some(Err(failure)) => (None, Some(failure)),
        None => (None, None),
    };
    let rows = file.map(|file| {
        tracing_subscriber::fmt::layer()
            .event_format(AsCsv)
            .with_writer(Mutex::new(file))
            .log_internal_errors(false)
    });
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        // By default a line that can't be written is told about on stderr, which panics where that is what failed.
        .log_internal_errors(false);
    let level = LevelFilter::from_level(level_of(level));
    let subscriber = tracing_subscriber::registry().with(level).with(rows).with(lines);
    let _ = tracing::subscriber::set_global_default(subscriber);
    if let Some(error) = failure {
        tracing::warn!(%error, "no log in the folder that was named");
    }
}

/// The level of that name. The names are those of the Python packages; one that they don't know means `INFO`, as it does
/// there.
///
/// ```
/// use hiro_channel_sdk::log::level_of;
/// use tracing::Level;
///
/// let levels = ["DEBUG", "fineinfo", " info ", "WARNING", "CRITICAL", "loud"].map(level_of);
/// let expected = [Level::DEBUG, Level::DEBUG, Level::INFO, Level::WARN, Level::ERROR, Level::INFO];
/// assert_eq!(levels, expected);
/// ```
#[must_use]
pub fn level_of(name: &str) -> Level {
    match name.trim().to_ascii_uppercase().as_str() {
        "DEBUG" | "FINEINFO" => Level::DEBUG,
        "WARNING" | "WARN" => Level::WARN,
        "ERROR" | "CRITICAL" => Level::ERROR,
        _ => Level::INFO,
    }
}
