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
use crate::instance_folder::InstanceFolder;

/// Where the services of one workspace have their files.
#[derive(Debug, Clone)]
pub struct Services {
    folder: InstanceFolder,
}

impl Services {
    /// Those of the workspace in `folder`.
    #[must_use]
    pub fn of(workspace: &Path) -> Self {
        Self { folder: InstanceFolder::new(workspace.join("services")) }
    }

    /// The instance of the service `name`.
    ///
    /// # Errors
    /// The workspace's folder is relative, and the current folder can't be read.
    pub fn instance(&self, name: &InstanceName) -> Result<Instance, Error> {
        self.folder.instance(name)
    }

    /// Where the service `name` writes its stderr.
    #[must_use]
    pub fn stderr_log(&self, name: &InstanceName) -> PathBuf {
        self.folder.stderr_log(name)
    }

    /// Where the service `name` writes its stdout.
    #[must_use]
    pub fn stdout_log(&self, name: &InstanceName) -> PathBuf {
        self.folder.stdout_log(name)
    }

    /// The services that were started at some time, by name, whether they are defined or not.
    ///
    /// # Errors
    /// The folder is there and can't be read.
    pub fn known(&self) -> Result<BTreeSet<String>, Error> {
        self.folder.known()
    }
}
