//! The log of a gateway: `gateway.log`, a row of CSV per event in the form of the Python package, put aside when it has
//! grown large.
//!
//! [`begin`] has this process write one; [`read_last`] and [`Follower`] read what any gateway has written. What goes
//! wrong before there is a log is on stderr.

mod console;
mod event;
mod follow;
mod read;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use hiro_process::{RotatingFile, Rotation};
use hiro_protocol::log_row::HEADER;
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

pub use console::console_line;
pub use follow::Follower;
pub use read::read_last;

use crate::error::GatewayError;
use event::{AsConsole, AsCsv};

/// The name of the log file.
pub const LOG_FILE: &str = "gateway.log";

/// The target of an event that goes to the file alone: whoever watches is told by `main`.
pub(crate) const FILE_ALONE: &str = "hirogateway::foreground::failure";

/// Which log this process writes.
#[derive(Debug, Clone)]
pub struct LogOptions {
    /// The folder; it is created.
    pub folder: PathBuf,
    /// When the file is put aside.
    pub rotation: Rotation,
    /// Everything that the gateway does is logged.
    pub verbose: bool,
    /// The same goes to stderr, for the person who watches.
    pub console: bool,
}

/// Begins to log. Where this process logs already, it stays as it is.
///
/// # Errors
/// The folder or the file can't be created or written.
pub fn begin(options: &LogOptions) -> Result<PathBuf, GatewayError> {
    let path = options.folder.join(LOG_FILE);
    let file =
        RotatingFile::open(&path, HEADER, options.rotation).map_err(|source| log_error(&path, source))?;
    let level = if options.verbose { LevelFilter::DEBUG } else { LevelFilter::INFO };
    let console = options.console.then(|| {
        let colours = io::stderr().is_terminal();
        let lines = tracing_subscriber::fmt::layer().event_format(AsConsole { colours });
        let lines = lines.with_writer(io::stderr).log_internal_errors(false);
        lines.with_filter(filter_fn(|event| event.target() != FILE_ALONE))
    });
    let subscriber = tracing_subscriber::registry().with(level).with(rows(file)).with(console);
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(path)
}

/// Writes every event as a row into `file`: for a program with a log of its own.
pub fn rows<S>(file: RotatingFile) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    // By default a line that can't be written is told about on stderr, which panics where that is what failed.
    tracing_subscriber::fmt::layer()
        .event_format(AsCsv)
        .with_writer(Mutex::new(file))
        .log_internal_errors(false)
}

fn log_error(path: &Path, source: io::Error) -> GatewayError {
    GatewayError::Log { path: path.to_owned(), source }
}
