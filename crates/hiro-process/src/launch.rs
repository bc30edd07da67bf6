//! What to run: program, arguments, environment, working directory and logs. Native, or Python through uv (rule 1).

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::environment::{self, Changes};
use crate::error::Error;
use crate::launch_context::LaunchContext;
use crate::stderr_log::{self, Rotation};
use crate::{files, program, sys, uv};

/// A program to be run in the background. Its stderr always goes to a log file, which is why both ways to make one ask
/// for it.
///
/// ```
/// use hiro_process::Launch;
/// let launch = Launch::native("/usr/bin/env", "/tmp/home/stderr.log").arg("true").variable("MODE", "quiet");
/// ```
#[derive(Debug, Clone)]
pub struct Launch {
    program: Program,
    shim: Vec<OsString>,
    arguments: Vec<OsString>,
    changes: Changes,
    directory: Option<PathBuf>,
    stderr_log: PathBuf,
    stdout_log: Option<PathBuf>,
    rotation: Rotation,
    port: Option<SocketAddr>,
}

#[derive(Debug, Clone)]
enum Program {
    Native(PathBuf),
    Uv { workspace_root: PathBuf, program: PathBuf },
}

/// A launch with everything resolved and opened: what the operating system is handed.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: BTreeMap<OsString, OsString>,
    pub(crate) directory: PathBuf,
    pub(crate) stdout: Option<File>,
    pub(crate) stderr: File,
}

impl Launch {
    /// A native program: an absolute path, one relative to the current folder, or a bare name that is looked up on
    /// `PATH` when it is run.
    #[must_use]
    pub fn native(program: impl Into<PathBuf>, stderr_log: impl Into<PathBuf>) -> Self {
        Self::new(Program::Native(program.into()), stderr_log.into())
    }

    /// A Python program of a uv workspace; the arguments are those of `python`. Rule 1: it runs as
    /// `uv run --directory <workspace_root> python …`, whatever interpreter or debugger started the caller.
    #[must_use]
    pub fn python(workspace_root: impl Into<PathBuf>, stderr_log: impl Into<PathBuf>) -> Self {
        Self::in_uv_workspace(workspace_root, "python", stderr_log)
    }

    /// Any program, in the environment of a uv workspace: `uv run --directory <workspace_root> <program> …`. A bare name
    /// is looked up by uv, in that environment first.
    #[must_use]
    pub fn in_uv_workspace(
        workspace_root: impl Into<PathBuf>,
        program: impl Into<PathBuf>,
        stderr_log: impl Into<PathBuf>,
    ) -> Self {
        let (workspace_root, program) = (workspace_root.into(), program.into());
        Self::new(Program::Uv { workspace_root, program }, stderr_log.into())
    }

    fn new(program: Program, stderr_log: PathBuf) -> Self {
        Self {
            program,
            shim: Vec::new(),
            arguments: Vec::new(),
            changes: Vec::new(),
            directory: None,
            stderr_log,
            stdout_log: None,
            rotation: Rotation::default(),
            port: None,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets a variable of the child, whatever [`NEVER_INHERITED`](crate::NEVER_INHERITED) says of it.
    #[must_use]
    pub fn variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.changes.push((name.into(), Some(value.into())));
        self
    }

    /// Removes a variable that the child would inherit or be given.
    #[must_use]
    pub fn without_variable(mut self, name: impl Into<OsString>) -> Self {
        self.changes.push((name.into(), None));
        self
    }

    /// Lets the child inherit a variable that it normally doesn't, with the value that it has here.
    #[must_use]
    pub fn inherit(self, name: impl AsRef<OsStr>) -> Self {
        match env::var_os(name.as_ref()) {
            Some(value) => self.variable(name.as_ref(), value),
            None => self,
        }
    }

    /// The folder to run in; the log's folder unless given. `uv run --directory` changes to the workspace root anyway.
    #[must_use]
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// Appends stdout to this file, too; it is thrown away otherwise.
    #[must_use]
    pub fn stdout_log(mut self, path: impl Into<PathBuf>) -> Self {
        self.stdout_log = Some(path.into());
        self
    }

    /// When the logs are put aside.
    #[must_use]
    pub fn rotation(mut self, rotation: Rotation) -> Self {
        self.rotation = rotation;
        self
    }

    /// Declares where the program will listen: a start refuses while somebody else does, and names the holder.
    #[must_use]
    pub fn port(mut self, address: SocketAddr) -> Self {
        self.port = Some(address);
        self
    }

    /// Puts the exec shim before the program, for one that does not know the rules: `shim` is the command that ends in
    /// [`become_program`](crate::become_program), such as `["/usr/bin/hiro", "shim"]`. With uv the shim runs inside,
    /// so that it becomes the interpreter.
    #[must_use]
    pub fn behind_shim(mut self, shim: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.shim = shim.into_iter().map(Into::into).collect();
        self
    }

    pub(crate) fn declared_port(&self) -> Option<SocketAddr> {
        self.port
    }

    pub(crate) fn log(&self) -> &Path {
        &self.stderr_log
    }

    /// Opens the log for one run of it: the file, and where this run's lines begin.
    pub(crate) fn open_log(&self) -> Result<(File, u64), Error> {
        let folder = parent(&self.stderr_log);
        files::create_private_dir(folder).map_err(Error::io("create the folder", folder))?;
        stderr_log::open_for_run(&self.stderr_log, self.rotation)
            .map_err(Error::io("open the log", &self.stderr_log))
    }

    /// Resolves the program and opens what it writes to.
    pub(crate) fn prepare(&self, context: Option<&LaunchContext>, stderr: File) -> Result<Prepared, Error> {
        let mut words = self.command_line()?.into_iter();
        let program = program::resolve(Path::new(&words.next().unwrap_or_default()))?;
        let stdout = match &self.stdout_log {
            Some(path) => Some(
                stderr_log::open_for_run(path, self.rotation).map_err(Error::io("open the log", path))?.0,
            ),
            None => None,
        };
        let mut changes = self.changes.clone();
        changes.extend(context.map(LaunchContext::variables).unwrap_or_default());
        Ok(Prepared {
            program,
            arguments: words.collect(),
            environment: environment::for_child(env::vars_os(), &changes),
            directory: self.directory.clone().unwrap_or_else(|| parent(&self.stderr_log).to_owned()),
            stdout,
            stderr,
        })
    }

    /// The words of the command, the program first.
    fn command_line(&self) -> Result<Vec<OsString>, Error> {
        let (mut words, program) = match &self.program {
            Program::Native(program) => {
                (Vec::new(), if self.shim.is_empty() { program.clone() } else { program::resolve(program)? })
            }
            Program::Uv { workspace_root, program } => (uv::uv_run_cmd(workspace_root)?, program.clone()),
        };
        words.extend(self.shim.iter().cloned());
        words.push(program.into());
        words.extend(self.arguments.iter().cloned());
        Ok(words)
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Starts a program that is detached from the caller and its terminal, and does not look after it: no PID file, no
/// wait. What it says on stderr is in its log.
///
/// Nothing is returned that could be taken for the worker's PID: what was spawned may be a launcher. An instance is
/// started with [`start_instance`](crate::start_instance).
///
/// # Errors
/// The program or uv can't be found or run, or a log can't be opened.
///
/// # Platform-specific behavior
/// POSIX: a session of its own, stdin null, every descriptor from 3 on closed, signal mask and dispositions reset.
/// Windows: `CREATE_NO_WINDOW | CREATE_NEW_PROCESS_GROUP`, only the log's handles inherited.
pub fn spawn_detached(launch: &Launch) -> Result<(), Error> {
    let (log, _) = launch.open_log()?;
    crate::reaper::reap();
    crate::reaper::adopt(spawn(launch.prepare(None, log)?)?);
    Ok(())
}

pub(crate) fn spawn(prepared: Prepared) -> Result<sys::Child, Error> {
    let program = prepared.program.clone();
    sys::spawn(prepared).map_err(|source| Error::Spawn { program, source })
}
