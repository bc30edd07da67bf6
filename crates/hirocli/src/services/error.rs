//! What can go wrong with a service, and what can be done about it.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// What can go wrong with a service.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// It is not ready.
    #[error("service `{name}` did not become ready (`{ready}`)")]
    NotStarted {
        /// The service.
        name: String,
        /// When it would have been.
        ready: String,
        /// All that was seen.
        #[source]
        source: hiro_process::Error,
    },
    /// It can't be told what runs, or it outlives its end.
    #[error("service `{name}` could not be stopped")]
    NotStopped {
        /// The service.
        name: String,
        /// What was tried.
        #[source]
        source: hiro_process::Error,
    },
    /// There is no such service.
    #[error("workspace `{workspace}` has no service `{name}`{}", there_are(known))]
    Unknown {
        /// The workspace.
        workspace: String,
        /// The name that was asked for.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// The name is another service's.
    #[error("there is a service `{name}` already, from {}", origin(owner.as_ref()))]
    Exists {
        /// The name, as the other one has it.
        name: String,
        /// The `hiro.toml` of the other one, unless it was added by hand.
        owner: Option<PathBuf>,
    },
    /// Others come after it.
    #[error("`{by}` comes after `{name}`")]
    Needed {
        /// The service that was to go.
        name: String,
        /// The first that comes after it.
        by: String,
    },
    /// It is to be stopped before its workspace goes.
    #[error("service `{name}` is not stopped")]
    StillThere {
        /// The service.
        name: String,
    },
    /// A workspace has so many services and no more.
    #[error("a workspace has {limit} services at the most")]
    TooMany {
        /// How many.
        limit: usize,
    },
    /// A definition that no start could use.
    #[error("service `{name}`: `{key}`: {reason}")]
    Invalid {
        /// The service.
        name: String,
        /// Which part of it.
        key: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A service comes after one that is not there.
    #[error("`{name}` comes after `{after}`, which is no service{}", there_are(known))]
    AfterUnknown {
        /// The service.
        name: String,
        /// What it comes after.
        after: String,
        /// The services that there are.
        known: Vec<String>,
    },
    /// Services come after each other.
    #[error("services come after each other: {}", quoted(names, " → "))]
    Cycle {
        /// Along the way, the first one again at the end.
        names: Vec<String>,
    },
    /// The file of variables can't be read.
    #[error("could not read the variables in `{}`", path.display())]
    EnvFileUnreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// A line of it is no variable.
    #[error("`{}` line {line}: {reason}", path.display())]
    EnvFile {
        /// The file.
        path: PathBuf,
        /// The number of the line.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// No folder from there upward has a `hiro.toml`.
    #[error("there is no `hiro.toml` in `{}`", folder.display())]
    ProjectMissing {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// A `hiro.toml` that was found on the way up is somebody else's.
    #[error("`{}` belongs to another user", path.display())]
    ProjectForeign {
        /// The file.
        path: PathBuf,
    },
    /// A `hiro.toml` can't be read.
    #[error("could not read `{}`", path.display())]
    ProjectUnreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// A `hiro.toml` says something that nothing can be made of.
    #[error("`{}` line {line}, column {column}: {message}", path.display())]
    Project {
        /// The file.
        path: PathBuf,
        /// The line of the first thing that does not fit.
        line: usize,
        /// Its column, in characters.
        column: usize,
        /// What does not fit.
        message: String,
    },
    /// A log can't be read.
    #[error("could not read the log `{}`", path.display())]
    LogUnreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
}

impl ServiceError {
    /// What the user can do about it, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotStarted { source, .. } | Self::NotStopped { source, .. } => source.hint(),
            Self::Unknown { .. } => {
                Some("`hiro service list` lists them; `hiro service add` makes one".to_owned())
            }
            Self::Exists { name, .. } => Some(format!(
                "choose another name, another workspace (`-W`), or `hiro service remove {name}` first"
            )),
            Self::StillThere { name } => {
                Some(format!("`hiro service stop {name}` stops it, `hiro down` stops all"))
            }
            Self::Needed { by, .. } => Some(format!("`hiro service remove {by}` first")),
            Self::ProjectMissing { .. } => {
                Some("crates/hirocli/SERVICES.md says what stands in a `hiro.toml`".to_owned())
            }
            Self::ProjectForeign { path } => {
                let folder = path.parent().unwrap_or(path).display();
                Some(format!(
                    "what it says would be run as you; `hiro up --project {folder}` does it nevertheless"
                ))
            }
            _ => None,
        }
    }
}

fn there_are(known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!(" (there are: {})", quoted(known, ", ")) }
}

fn quoted(names: &[String], between: &str) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(between)
}

fn origin(owner: Option<&PathBuf>) -> String {
    owner.map_or_else(|| "`hiro service add`".to_owned(), |file| format!("`{}`", file.display()))
}
