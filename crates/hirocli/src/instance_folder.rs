//! A folder with the files of several instances, all called after their instance: channels and services have one each.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hiro_process::Instance;
use hirogateway::InstanceName;

use crate::Error;

/// How the files of an instance end by which it is known that it was started at some time: one that is there while it is
/// not stopped, and one that stays.
const SUFFIXES: [&str; 2] = [".pid", ".pid.control"];

/// The folder. It need not be there, and nothing here makes it.
#[derive(Debug, Clone)]
pub(crate) struct InstanceFolder(PathBuf);

impl InstanceFolder {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The instance `name`. Fails where the folder is relative and the current folder can't be read.
    pub(crate) fn instance(&self, name: &InstanceName) -> Result<Instance, Error> {
        let pid_file = self.0.join(format!("{name}.pid"));
        let failed = |source| Error::Io { action: "use the PID file", path: pid_file.clone(), source };
        Instance::new(&pid_file).map_err(failed)
    }

    pub(crate) fn stderr_log(&self, name: &InstanceName) -> PathBuf {
        self.0.join(format!("{name}.stderr.log"))
    }

    pub(crate) fn stdout_log(&self, name: &InstanceName) -> PathBuf {
        self.0.join(format!("{name}.stdout.log"))
    }

    /// The instances that were started at some time, by name.
    pub(crate) fn known(&self) -> Result<BTreeSet<String>, Error> {
        let read = |source| Error::Io { action: "read", path: self.0.clone(), source };
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
            entries => entries.map_err(read)?,
        };
        let mut names = BTreeSet::new();
        for entry in entries {
            let file = entry.map_err(read)?.file_name();
            names.extend(file.to_str().and_then(instance_of).map(str::to_owned));
        }
        Ok(names)
    }
}

fn instance_of(file: &str) -> Option<&str> {
    SUFFIXES.iter().find_map(|suffix| file.strip_suffix(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_known_by_the_files_that_it_leaves_and_by_no_others() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = InstanceFolder::new(temporary.path().join("channels"));
        assert_eq!(folder.known().unwrap(), BTreeSet::new());
        assert!(folder.instance(&"echo".parse().unwrap()).is_ok());
        assert!(!folder.path().exists(), "nothing is made by asking");
        fs::create_dir(folder.path()).unwrap();
        let files = [
            "echo.pid",
            "echo.pid.json",
            "my.bot.pid.control",
            "old.stderr.log",
            "old.stdout.log",
            "owner.lock",
        ];
        for file in files {
            fs::write(folder.path().join(file), "").unwrap();
        }
        assert_eq!(folder.known().unwrap(), BTreeSet::from(["echo".to_owned(), "my.bot".to_owned()]));
    }
}
