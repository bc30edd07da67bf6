//! What can be done with gateway instances: every function returns data, and none of them prints.
//!
//! The command lines `hirogate` and `hiro gateway`, and any other program, call these; the names are those of the
//! Python package.

mod autostart;
mod change;
mod doctor;
mod logs;
mod purge;
mod python_gateway;
mod remove;
mod setup;
mod start;
mod status;
mod stop;

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use hiro_process::Instance;

use crate::error::GatewayError;
use crate::paths;
use crate::registry::{self, InstanceEntry};

pub use change::{ChangeResult, Changes};
pub use doctor::{Check, Examination, Outcome};
pub use logs::{InstanceLog, LogOf};
pub use remove::RemoveResult;
pub use setup::{Setup, SetupResult};
pub use start::{RestartResult, StartRequest, StartResult};
pub use stop::StopResult;

/// Names the gateways' data folder; a background gateway gets it from the start that spawns it.
pub const DATA_VARIABLE: &str = "HIROGATE_DATA_DIR";
/// Names the instance that is meant when none is named.
pub const INSTANCE_VARIABLE: &str = "HIROGATE_INSTANCE";

/// The name of the data folder.
const APP: &str = "hirogate";

/// The gateway instances below one data folder, and the command that runs one.
///
/// ```
/// use hirogateway::Gateways;
///
/// # let folder = tempfile::tempdir()?;
/// let gateways = Gateways::new(folder.path().join("hirogate"), ["/usr/bin/hiro", "gateway"])?;
/// assert!(gateways.get_status(None)?.instances.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Gateways {
    data: PathBuf,
    command: Vec<OsString>,
    preferred: Option<String>,
}

impl Gateways {
    /// Those below the folder `data`, which may not exist yet. `command` is the program and the words that lead to its
    /// gateway commands: `["/usr/bin/hirogate"]` or `["/usr/bin/hiro", "gateway"]`.
    ///
    /// # Errors
    /// When `data` is relative and the current folder has gone.
    pub fn new(
        data: impl AsRef<Path>,
        command: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Result<Self, GatewayError> {
        // A background gateway has another current folder.
        let data = std::path::absolute(data)
            .map_err(|source| GatewayError::System { action: "find the current folder", source })?;
        Ok(Self { data, command: command.into_iter().map(Into::into).collect(), preferred: None })
    }

    /// Those of the user, by the environment; the program that calls this runs them. `leading` are the words that lead
    /// to its gateway commands.
    ///
    /// # Errors
    /// When the environment does not say where the data are, or the operating system where the program is.
    pub fn of_this_user(leading: &[&str]) -> Result<Self, GatewayError> {
        let program = env::current_exe()
            .map_err(|source| GatewayError::System { action: "find this program itself", source })?;
        let data = match env::var_os(DATA_VARIABLE).filter(|folder| !folder.is_empty()) {
            Some(folder) => folder.into(),
            None => paths::data_dir(APP)?,
        };
        let command = std::iter::once(program.into_os_string()).chain(leading.iter().map(Into::into));
        Ok(Self { preferred: env::var(INSTANCE_VARIABLE).ok(), ..Self::new(data, command)? })
    }

    /// The folder that everything is below.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// What is typed before the gateway commands: `hirogate`, or `hiro gateway`.
    #[must_use]
    pub fn command_name(&self) -> String {
        let program = self.command.first().map(Path::new).and_then(Path::file_stem);
        let words = program.into_iter().chain(self.command.iter().skip(1).map(OsString::as_os_str));
        words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
    }

    /// The instances, without a look at any process.
    ///
    /// # Errors
    /// When the registry can't be read; the message names the file and the line.
    pub fn list(&self) -> Result<Vec<InstanceEntry>, GatewayError> {
        let registry = registry::load(&self.data)?;
        Ok(registry.instances.into_values().map(|entry| self.rooted(entry)).collect())
    }

    /// The instance that is meant: `name`, else the one that the environment names, else the default.
    ///
    /// # Errors
    /// When there is no such instance, or the registry can't be read.
    pub fn resolve(&self, name: Option<&str>) -> Result<InstanceEntry, GatewayError> {
        let registry = registry::load(&self.data)?;
        Ok(self.rooted(registry.resolve(name, self.preferred.as_deref())?.clone()))
    }

    /// Makes `name` the instance that is meant when none is named.
    ///
    /// # Errors
    /// When there is no such instance, or the registry can't be read or written.
    pub fn set_default(&self, name: &str) -> Result<(), GatewayError> {
        registry::set_default(&self.data, name)
    }

    /// A path in the registry is absolute unless somebody wrote it by hand.
    fn rooted(&self, entry: InstanceEntry) -> InstanceEntry {
        InstanceEntry { path: self.data.join(&entry.path), ..entry }
    }
}

/// The background process of an instance. A PID file without a record is believed to be the Python gateway's if that
/// process says so in its command line.
pub(crate) fn process_of(entry: &InstanceEntry) -> Instance {
    Instance::new(entry.path.join("gateway.pid"))
        .expect("the path of an instance is absolute")
        .with_legacy_command([python_gateway::MODULE, &entry.name])
}
