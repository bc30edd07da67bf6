//! How a service is run: behind the exec shim, unless it announces itself.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use hiro_process::{Launch, Rotation};

use super::{Definition, Ready, Service, ServiceError, env_file};

/// Every run has logs of its own: what is in them is put aside before the next one.
const ROTATION: Rotation = Rotation { largest_bytes: 1, kept: 5 };

/// A launch, and what its user should know.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) launch: Launch,
    pub(super) warnings: Vec<String>,
}

impl Service {
    /// The launch of a run that begins now: the file of variables is read anew.
    pub(super) fn prepare(&self) -> Result<Prepared, ServiceError> {
        let (definition, mut warnings) = (self.definition(), Vec::new());
        if !definition.directory.is_dir() {
            // The operating system would only say that something is missing, and not what.
            let (name, reason) = (
                self.name().as_str().to_owned(),
                format!("`{}` is no folder", definition.directory.display()),
            );
            return Err(ServiceError::Invalid { name, key: "directory", reason });
        }
        let mut launch = self
            .command()
            .stdout_log(self.place().stdout_log(self.name()))
            .rotation(ROTATION)
            .directory(&definition.directory)
            .variable("HIRO_WORKSPACE", &self.workspace().name)
            .variable("HIRO_WORKSPACE_PATH", &self.workspace().path)
            .variable("HIRO_SERVICE", self.name().as_str());
        if let Some(path) = &definition.env_file {
            let file = env_file::read(path)?;
            if file.is_open {
                warnings
                    .push(format!("others can read `{}`: `chmod 600` makes it yours alone", path.display()));
            }
            launch =
                file.variables.into_iter().fold(launch, |launch, (name, value)| launch.variable(name, value));
        }
        for (name, value) in &definition.env {
            launch = launch.variable(name, value);
        }
        if let Some(address) = definition.ready.address() {
            launch = launch.port(address);
        }
        Ok(Prepared { launch, warnings })
    }

    fn command(&self) -> Launch {
        let (definition, log) = (self.definition(), self.place().stderr_log(self.name()));
        let words = &definition.command;
        match (&definition.uv, definition.ready == Ready::Announced) {
            (None, true) => Launch::native(program_of(definition), log).args(&words[1..]),
            (Some(root), true) => Launch::in_uv_workspace(root, &words[0], log).args(&words[1..]),
            (None, false) => Launch::native(self.shim(), log).args(shim(&definition.directory)).args(words),
            (Some(root), false) => {
                Launch::in_uv_workspace(root, self.shim(), log).args(shim(&definition.directory)).args(words)
            }
        }
    }
}

/// uv changes to its own root, so that the shim has to change back.
fn shim(directory: &Path) -> [OsString; 4] {
    ["shim".into(), "--directory".into(), directory.into(), "--".into()]
}

/// A relative path is meant from the service's folder on, wherever it is started from.
fn program_of(definition: &Definition) -> PathBuf {
    let program = Path::new(&definition.command[0]);
    match program.components().count() > 1 {
        true => definition.directory.join(program),
        false => program.to_owned(),
    }
}
