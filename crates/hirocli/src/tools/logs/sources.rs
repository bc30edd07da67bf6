//! Which log files there are. Those of a channel and of the server are two: what they log, and what they say on stderr.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use hiro_protocol::log_row::LogRow;
use hirogateway::log::read_last;
use hirogateway::service::LogOf;

use super::Entry;
use crate::Error;
use crate::context::Context;
use crate::workspace::{WorkspaceConfig, WorkspaceEntry};

const STDERR_SUFFIX: &str = ".stderr.log";

/// Which logs are meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Source {
    /// All of them.
    #[default]
    All,
    /// The server's.
    Server,
    /// Those of the channel plugins.
    Channels,
    /// The default gateway's.
    Gateway,
    /// That of the Python command line.
    Cli,
}

/// One file, and how its source is called.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    source: String,
    is_stderr: bool,
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" | "" => Ok(Self::All),
            "server" => Ok(Self::Server),
            "channels" => Ok(Self::Channels),
            "gateway" => Ok(Self::Gateway),
            "cli" => Ok(Self::Cli),
            _ => Err(format!("`{text}` is none of `server`, `channels`, `gateway`, `cli`, `all`")),
        }
    }
}

impl Source {
    fn includes(self, part: Self) -> bool {
        self == Self::All || self == part
    }
}

/// The logs of a source. Where there is no configuration that can be read they are where they are by default.
pub(super) fn logs(context: &Context, workspace: &WorkspaceEntry, source: Source) -> Result<Vec<Log>, Error> {
    let folder = WorkspaceConfig::load(&workspace.path).unwrap_or_default().log_folder(&workspace.path);
    let mut logs = Vec::new();
    if source.includes(Source::Server) {
        logs.push(Log::new(folder.join("server.log"), "server", false));
        logs.push(Log::new(workspace.path.join("stderr.log"), "server", true));
    }
    if source.includes(Source::Channels) {
        for name in named(&folder, "channel-", ".log")? {
            logs.push(Log::new(folder.join(format!("channel-{name}.log")), format!("channel-{name}"), false));
        }
        let channels = workspace.path.join("channels");
        for name in named(&channels, "", STDERR_SUFFIX)? {
            let path = channels.join(format!("{name}{STDERR_SUFFIX}"));
            logs.push(Log::new(path, format!("channel-{name}"), true));
        }
    }
    if source.includes(Source::Gateway) {
        for (which, is_stderr) in [(LogOf::Gateway(None), false), (LogOf::Stderr, true)] {
            // Where there is no gateway there is no log.
            let log = context.gateways.log_of(None, &which).ok();
            logs.extend(log.map(|log| Log::new(log.path, "gateway", is_stderr)));
        }
    }
    if source.includes(Source::Cli) {
        logs.push(Log::new(folder.join("cli.log"), "cli", false));
    }
    Ok(logs)
}

/// What stands between `prefix` and `suffix` in the names of the files in `folder`, in order.
fn named(folder: &Path, prefix: &str, suffix: &str) -> Result<Vec<String>, Error> {
    let read = |source| Error::Io { action: "read", path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(read)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let file = entry.map_err(read)?.file_name();
        let name = file.to_str().and_then(|file| file.strip_prefix(prefix)?.strip_suffix(suffix));
        names.extend(name.map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

impl Log {
    fn new(path: PathBuf, source: impl Into<String>, is_stderr: bool) -> Self {
        Self { path, source: source.into(), is_stderr }
    }

    /// The last `count` rows, oldest first; none where there is no such log.
    pub(super) fn last(&self, count: usize) -> Result<Vec<Entry>, Error> {
        let rows = read_last(&self.path, count).map_err(|source| Error::Io {
            action: "read",
            path: self.path.clone(),
            source,
        })?;
        let entry = |row: LogRow| {
            let row = match row.timestamp {
                None if self.is_stderr => LogRow::of_stderr(&row.message),
                _ => row,
            };
            Entry { row, source: self.source.clone() }
        };
        Ok(rows.into_iter().map(entry).collect())
    }
}
