//! The Python server as a workspace's process: `uv run --directory ROOT python -m hirocli.runtime.server_process`.
//!
//! It stands behind the exec shim, so that record, lock and crash evidence are those of any instance; the PID file that
//! it writes itself names the same process. It does not say when it is ready, so its HTTP port does.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use hiro_process::{
    Launch, Progress, Run, StartOptions, Started, State, StopOptions, child_environment, clear_crash,
    get_status, is_served_by, stderr_tail, stop_process, uv_python_cmd,
};
use hirogateway::paths::{self, BASE_VARIABLE};
use hirogateway::runtime::RuntimeChoice;

use super::{PYTHON_SERVER, RunOptions, instance};
use crate::Error;
use crate::context::{APP, Context};
use crate::workspace::{WorkspaceConfig, WorkspaceEntry};

/// The module that is the server.
const MODULE: &str = "hirocli.runtime.server_process";
/// The hidden command that puts itself before the program.
const SHIM: &str = "shim";
/// Between two looks at the port: no event tells of a port that opens.
const PAUSE: Duration = Duration::from_millis(25);
const PROGRESS_EVERY: Duration = Duration::from_secs(1);
const LOG_LINES: usize = 10;

/// How the server is run from the uv workspace at `root`.
pub(super) fn launch(context: &Context, root: &Path, stderr_log: PathBuf) -> Launch {
    let shim = [context.program.as_os_str(), SHIM.as_ref(), "--".as_ref()];
    let launch = Launch::python(root, stderr_log).behind_shim(shim).args(["-m", MODULE]);
    match data_variable(&context.data) {
        Some(base) => launch.variable(BASE_VARIABLE, base),
        None => launch,
    }
}

/// The command that is the Python server in the foreground, where that is who does the workspace's work. What a crash has
/// left is cleared.
///
/// # Errors
/// It runs already, or its uv workspace or uv can't be found.
pub fn foreground(
    context: &Context,
    workspace: &WorkspaceEntry,
    options: RunOptions,
) -> Result<Option<Command>, Error> {
    let RuntimeChoice::Uv { workspace_dir } = RuntimeChoice::load(&workspace.path)? else { return Ok(None) };
    clear_crash(&instance(&workspace.path)?, StopOptions::default().grace)?;
    let python = uv_python_cmd(&workspace_dir)?;
    let (uv, leading) = python.split_first().expect("a command has a program");
    let mut command = Command::new(uv);
    // The module looks at no argument: by the last one its PID file, which stands alone, is recognised.
    command.args(leading).args(["-m", MODULE, PYTHON_SERVER]).env_clear().envs(child_environment());
    command.env("HIRO_WORKSPACE", &workspace.name).env("HIRO_WORKSPACE_PATH", &workspace.path);
    command.envs(data_variable(&context.data).map(|base| (BASE_VARIABLE, base)));
    command.envs(options.variables());
    Ok(Some(command))
}

/// What tells Python where the registry is, if that is not where it looks anyway. It names the last folder itself, so one
/// of another name can't be told; the server needs the registry for its tools only.
fn data_variable(data: &Path) -> Option<&Path> {
    let is_usual = paths::data_dir(APP).is_ok_and(|usual| usual == data);
    data.parent().filter(|_| !is_usual && data.file_name() == Some(APP.as_ref()))
}

/// Whether that is a process which does not say itself when it is ready.
pub(super) fn says_nothing(run: &Run) -> bool {
    run.record.as_ref().is_none_or(|record| record.ready_on_exec)
}

/// How the server of the workspace in `folder` is. A Python server is ready when its port is its own, and not before.
pub(super) fn look(folder: &Path, config: Option<&WorkspaceConfig>) -> Result<State, Error> {
    let is_served = |run: &Run| {
        let address = config.and_then(|config| config.http_address().ok());
        address.is_none_or(|address| is_served_by(address, run))
    };
    Ok(match get_status(&instance(folder)?) {
        State::Ready(run) if says_nothing(&run) && !is_served(&run) => State::Starting(run),
        state => state,
    })
}

/// Waits until what was started, or was found, has its port. Our own says so itself.
pub(super) fn confirm(
    workspace: &WorkspaceEntry,
    config: &WorkspaceConfig,
    started: Started,
    progress: &mut dyn FnMut(Progress),
) -> Result<Started, Error> {
    let deadline = StartOptions::default().deadline.saturating_sub(started.waited);
    let (begun, mut told) = (Instant::now(), Duration::ZERO);
    loop {
        let phase = match look(&workspace.path, Some(config))? {
            State::Ready(run) => return Ok(Started { identity: run.identity, ..started }),
            State::Starting(run) => run.record.map(|record| record.phase),
            // Our own was ready a moment ago: whoever stops it now has the last word.
            _ if RuntimeChoice::load(&workspace.path)? == RuntimeChoice::Native => return Ok(started),
            other => return Err(ended(workspace, config, other)),
        };
        let waited = begun.elapsed();
        if waited >= deadline {
            return Err(overdue(workspace, config, &started, waited)?);
        }
        if waited >= told + PROGRESS_EVERY {
            told = waited;
            progress(Progress { waited, phase });
        }
        thread::sleep(PAUSE);
    }
}

fn ended(workspace: &WorkspaceEntry, config: &WorkspaceConfig, state: State) -> Error {
    let (evidence, stderr) = match state {
        State::Crashed(mut crash) => {
            let lines = std::mem::take(&mut crash.stderr);
            (crash.to_string(), lines)
        }
        other => (format!("it is {} now", other.name()), Vec::new()),
    };
    Error::ServerEndedEarly { workspace: workspace.name.clone(), port: config.http_port, evidence, stderr }
}

/// A process that was started here is ended when it is overdue.
fn overdue(
    workspace: &WorkspaceEntry,
    config: &WorkspaceConfig,
    started: &Started,
    waited: Duration,
) -> Result<Error, Error> {
    let instance = instance(&workspace.path)?;
    let stderr = stderr_tail(&workspace.path.join("stderr.log"), LOG_LINES);
    if !started.already_running {
        stop_process(&instance, &StopOptions::default())?;
    }
    Ok(Error::PortNotOpened {
        workspace: workspace.name.clone(),
        pid: started.identity.pid.get(),
        port: config.http_port,
        waited,
        stderr,
    })
}
