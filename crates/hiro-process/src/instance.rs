//! One background process by its place in the file system: the PID file and the files that stand beside it.

use std::io;
use std::path::{Path, PathBuf};

/// A place for one background process: its PID file and what belongs to it. Cheap to make; nothing is touched.
///
/// ```
/// let instance = hiro_process::Instance::new("/tmp/home/gateway.pid")?;
/// assert!(instance.record_file().ends_with("home/gateway.pid.json"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    pid_file: PathBuf,
    legacy_command: Vec<String>,
}

impl Instance {
    /// The instance whose PID file is `pid_file`; a relative path is taken from the current folder, now.
    ///
    /// # Errors
    /// An empty path, or one without a file name; or the current folder can't be read.
    pub fn new(pid_file: impl AsRef<Path>) -> io::Result<Self> {
        let pid_file = std::path::absolute(pid_file)?;
        if pid_file.file_name().is_none() || pid_file.parent().is_none() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a PID file needs a folder and a name"));
        }
        Ok(Self { pid_file, legacy_command: Vec::new() })
    }

    /// Words that the command line of a program has to contain before a PID file that *stands alone* is believed to
    /// be this program's. Such a file, written by a program that knows only the old way, is otherwise no evidence:
    /// anybody can write a number.
    #[must_use]
    pub fn with_legacy_command(mut self, words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.legacy_command = words.into_iter().map(Into::into).collect();
        self
    }

    /// The PID file: the decimal PID and nothing else.
    #[must_use]
    pub fn pid_file(&self) -> &Path {
        &self.pid_file
    }

    /// The folder of the instance.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.pid_file.parent().unwrap_or(&self.pid_file)
    }

    /// The [record](crate::Record) beside the PID file.
    #[must_use]
    pub fn record_file(&self) -> PathBuf {
        self.beside(".json")
    }

    /// The file that the process locks for life. Never deleted.
    #[must_use]
    pub fn lock_file(&self) -> PathBuf {
        self.beside(".lock")
    }

    /// The file that a start or a stop locks while it works. Never deleted.
    #[must_use]
    pub fn control_file(&self) -> PathBuf {
        self.beside(".control")
    }

    /// What was seen of the last run's end, by whoever saw it.
    #[must_use]
    pub fn exit_file(&self) -> PathBuf {
        self.beside(".exit.json")
    }

    /// The file that the shim keeps locked until it has become the program.
    #[must_use]
    pub fn shim_file(&self) -> PathBuf {
        self.beside(".shim")
    }

    /// `stderr.log` in the folder of the instance: where its stderr goes unless the launch says otherwise.
    #[must_use]
    pub fn stderr_log(&self) -> PathBuf {
        self.folder().join("stderr.log")
    }

    pub(crate) fn legacy_command(&self) -> &[String] {
        &self.legacy_command
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.pid_file.file_name().unwrap_or_default().to_os_string();
        name.push(suffix);
        self.pid_file.with_file_name(name)
    }
}
