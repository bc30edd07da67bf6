//! The workspace's own programs, run as a user would run them, in a home that belongs to one test.
//!
//! Whatever is still running when the home is dropped is stopped, also after a failed test.

mod gateways;
mod services;
mod whole;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hiro_process::{Instance, StopOptions, stop_process};
use tempfile::TempDir;

use crate::programs::program;

pub use gateways::DESKTOP_KEY;
pub use whole::League;

/// What a program needs of the environment that the tests run in: nothing that says where a user's data are.
const INHERITED: [&str; 4] = ["PATH", "SystemRoot", "TMPDIR", "TEMP"];

/// A home with no data in it.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
}

/// How a program ended and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its exit code.
    pub status: i32,
    /// What it said on stdout.
    pub stdout: String,
    /// What it said on stderr.
    pub stderr: String,
}

impl Home {
    /// An empty home.
    ///
    /// # Panics
    /// Where the machine gives no temporary folder.
    #[must_use]
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("hiro home ").tempdir().expect("a temporary folder");
        Self { folder }
    }

    /// The home itself.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where `app` (`hiro` or `hirogate`) keeps its data.
    #[must_use]
    pub fn data(&self, app: &str) -> PathBuf {
        self.folder().join("data").join(app)
    }

    /// The program `name` of this workspace, to be run in this home.
    ///
    /// # Panics
    /// Where it was not built.
    #[must_use]
    pub fn command<A: AsRef<OsStr>>(&self, name: &str, arguments: &[A]) -> Command {
        let mut command = self.command_of(&program(name));
        command.args(arguments);
        command
    }

    /// Any program, to be run in this home.
    #[must_use]
    pub fn command_of(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder()).stdin(Stdio::null()).env_clear();
        command.envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        for variable in ["XDG_DATA_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA"] {
            command.env(variable, self.folder().join("data"));
        }
        command.env("HOME", self.folder());
        command
    }

    /// Runs the program `name` to its end.
    ///
    /// # Panics
    /// Where it can't be run, says what is no text, or is ended by a signal.
    #[must_use]
    pub fn run<A: AsRef<OsStr>>(&self, name: &str, arguments: &[A]) -> Output {
        Output::of(&mut self.command(name, arguments))
    }
}

impl Output {
    /// Runs `command` to its end.
    ///
    /// # Panics
    /// Where it can't be run, says what is no text, or is ended by a signal.
    #[must_use]
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("the program says text");
        Self {
            status: output.status.code().expect("the program ends by itself"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// What it said on stdout, if it did what it was asked.
    ///
    /// # Panics
    /// Where it failed.
    pub fn success(&self) -> &str {
        assert_eq!(self.status, 0, "{self:?}");
        &self.stdout
    }

    /// What it said on stderr, if it failed with the exit code `status`.
    ///
    /// # Panics
    /// Where it ended otherwise.
    pub fn failure(&self, status: i32) -> &str {
        assert_eq!(self.status, status, "{self:?}");
        &self.stderr
    }
}

impl Default for Home {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Home {
    /// By the PID files rather than by the programs' own commands, which may be what has failed.
    fn drop(&mut self) {
        for pid_file in pid_files(self.folder()) {
            let stopped = Instance::new(pid_file).map(|instance| {
                let _ = stop_process(&instance, &StopOptions::default());
            });
            debug_assert!(stopped.is_ok(), "a file has a folder and a name");
        }
    }
}

/// Every PID file in `folder` and below.
fn pid_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    let (folders, files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
    let own = files.into_iter().filter(|path| path.extension() == Some(OsStr::new("pid")));
    own.chain(folders.iter().flat_map(|folder| pid_files(folder))).collect()
}
