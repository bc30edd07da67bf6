//! Which log files there are. Those of a channel and of the server are two: what they log, and what they say on stderr; those
//! of a service are what it says on stdout and on stderr.

use std::fs;
use std::io;
use std::path::Path;
use std::str::FromStr;

use hirogateway::service::LogOf;

use super::log::{Form, Log};
use crate::Error;
use crate::context::Context;
use crate::workspace::{WorkspaceConfig, WorkspaceEntry};

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
    /// Those of the services.
    Services,
    /// The default gateway's.
    Gateway,
    /// That of the Python command line.
    Cli,
}

impl FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" | "" => Ok(Self::All),
            "server" => Ok(Self::Server),
            "channels" => Ok(Self::Channels),
            "services" => Ok(Self::Services),
            "gateway" => Ok(Self::Gateway),
            "cli" => Ok(Self::Cli),
            _ => {
                Err(format!("`{text}` is none of `server`, `channels`, `services`, `gateway`, `cli`, `all`"))
            }
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
        let log = folder.join("server.log");
        logs.push(Log::new(workspace.path.join("stderr.log"), "server", stderr_beside(&log)));
        logs.push(Log::new(log, "server", Form::Rows));
    }
    if source.includes(Source::Channels) {
        logs.extend(named(&folder, ("channel-", ".log"), "channel", |_| Form::Rows)?);
        let stderr = |name: &str| stderr_beside(&folder.join(format!("channel-{name}.log")));
        logs.extend(named(&workspace.path.join("channels"), ("", ".stderr.log"), "channel", stderr)?);
    }
    if source.includes(Source::Services) {
        let folder = workspace.path.join("services");
        logs.extend(named(&folder, ("", ".stdout.log"), "service", |_| Form::Stdout)?);
        logs.extend(named(&folder, ("", ".stderr.log"), "service", |_| Form::Stderr)?);
    }
    if source.includes(Source::Gateway) {
        logs.extend(of_gateway(context));
    }
    if source.includes(Source::Cli) {
        logs.push(Log::new(folder.join("cli.log"), "cli", Form::Rows));
    }
    Ok(logs)
}

/// Where there is no gateway there is no log.
fn of_gateway(context: &Context) -> impl Iterator<Item = Log> {
    let of = [(LogOf::Gateway(None), Form::Rows), (LogOf::Stderr, Form::Stderr)];
    of.into_iter().filter_map(|(which, form)| {
        let log = context.gateways.log_of(None, &which).ok()?;
        Some(Log::new(log.path, "gateway", form))
    })
}

/// What a program with this log says on stderr.
fn stderr_beside(log: &Path) -> Form {
    if log.exists() { Form::StderrBesideLog } else { Form::Stderr }
}

/// The logs in `folder` whose files are called so before and behind a name, by these names.
fn named(
    folder: &Path,
    (before, behind): (&str, &str),
    kind: &str,
    form: impl Fn(&str) -> Form,
) -> Result<Vec<Log>, Error> {
    let read = |source| Error::Io { action: "read", path: folder.to_owned(), source };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(read)?,
    };
    let mut files = Vec::new();
    for entry in entries {
        files.push(entry.map_err(read)?.file_name());
    }
    files.sort();
    let log = |file: &std::ffi::OsString| {
        let name = file.to_str()?.strip_prefix(before)?.strip_suffix(behind)?;
        Some(Log::new(folder.join(file), format!("{kind}-{name}"), form(name)))
    };
    Ok(files.iter().filter_map(log).collect())
}
