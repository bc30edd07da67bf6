//! The services of a workspace: any program as an instance, defined in `services.json` or in a project's `hiro.toml`.
//!
//! A start, a stop and a status act on the instance's files directly and need nothing resident. Restarts after a crash are
//! the running server's business; see [`crate::runtime::services`].

pub mod definition;
pub mod error;
pub mod order;
pub mod project;
pub mod ready;
pub mod store;

mod env_file;
mod launch;
mod log;
mod probe;
mod report;
mod seconds;
mod service;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hiro_process::Instance;
use hirogateway::InstanceName;

pub use definition::{Definition, RestartPolicy};
pub use error::ServiceError;
pub use log::{Follower, LogLine, Source};
pub use project::Project;
pub use ready::Ready;
pub use report::reports;
pub use service::Service;

use crate::Error;

/// How the files of an instance end by which it is known that it was started at some time.
const SUFFIXES: [&str; 2] = [".pid", ".pid.control"];

/// Where the services of one workspace have their files.
#[derive(Debug, Clone)]
pub struct Services {
    folder: PathBuf,
}

impl Services {
    /// Those of the workspace in `folder`.
    #[must_use]
    pub fn of(workspace: &Path) -> Self {
        Self { folder: workspace.join("services") }
    }

    /// The instance of the service `name`.
    ///
    /// # Errors
    /// The workspace's folder is relative, and the current folder can't be read.
    pub fn instance(&self, name: &InstanceName) -> Result<Instance, Error> {
        let pid_file = self.folder.join(format!("{name}.pid"));
        Instance::new(&pid_file).map_err(|source| Error::Io {
            action: "use the PID file",
            path: pid_file,
            source,
        })
    }

    /// Where the service `name` writes its stderr.
    #[must_use]
    pub fn stderr_log(&self, name: &InstanceName) -> PathBuf {
        self.folder.join(format!("{name}.stderr.log"))
    }

    /// Where the service `name` writes its stdout.
    #[must_use]
    pub fn stdout_log(&self, name: &InstanceName) -> PathBuf {
        self.folder.join(format!("{name}.stdout.log"))
    }

    /// The services that were started at some time, by name, whether they are defined or not.
    ///
    /// # Errors
    /// The folder is there and can't be read.
    pub fn known(&self) -> Result<BTreeSet<String>, Error> {
        let read = |source| Error::Io { action: "read", path: self.folder.clone(), source };
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
            entries => entries.map_err(read)?,
        };
        let mut names = BTreeSet::new();
        for entry in entries {
            let file = entry.map_err(read)?.file_name();
            names.extend(file.to_str().and_then(service_of).map(str::to_owned));
        }
        Ok(names)
    }
}

fn service_of(file: &str) -> Option<&str> {
    SUFFIXES.iter().find_map(|suffix| file.strip_suffix(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_known_by_the_files_that_it_leaves_and_by_no_others() {
        let workspace = tempfile::tempdir().unwrap();
        let services = Services::of(workspace.path());
        assert_eq!(services.known().unwrap(), BTreeSet::new());
        assert!(!workspace.path().join("services").exists(), "nothing is made by asking");
        fs::create_dir(workspace.path().join("services")).unwrap();
        for file in ["db.pid", "db.pid.json", "web.pid.control", "old.stderr.log", "old.stdout.log"] {
            fs::write(workspace.path().join("services").join(file), "").unwrap();
        }
        assert_eq!(services.known().unwrap(), BTreeSet::from(["db".to_owned(), "web".to_owned()]));
    }
}
