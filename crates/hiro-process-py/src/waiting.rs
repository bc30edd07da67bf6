//! Waits for a child's announcement, and tells what was seen where none came.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use hiro_process::{Error, Identity, Instance, Pid, stderr_tail};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::{PyErr, PyResult, Python, pyfunction};

use crate::duration::from_seconds;
use crate::errors::to_python;
use crate::place::instance;

/// How many of the last lines on stderr an error carries.
const STDERR_LINES: usize = 40;
/// The shortest time between two looks at Ctrl-C.
const SHORTEST_LOOK: Duration = Duration::from_millis(10);

/// Waits until a process has announced itself in the PID file and lives, and gives its PID: the worker's own, never that of
/// a launcher in between.
///
/// The wait is by events; `poll_interval` is how often Ctrl-C is looked for, and how often for a folder that isn't there
/// yet. Raises `RuntimeError` after `timeout` seconds, with the last lines of `stderr_log`. `legacy_command`: words of the
/// command line by which a process is recognised that writes its PID file the old way.
#[pyfunction]
#[pyo3(signature = (
    base_path, pid_filename, *, timeout=20.0, poll_interval=0.15, stderr_log=None, legacy_command=None
))]
pub(crate) fn wait_for_pid(
    py: Python<'_>,
    base_path: PathBuf,
    pid_filename: PathBuf,
    timeout: f64,
    poll_interval: f64,
    stderr_log: Option<PathBuf>,
    legacy_command: Option<Vec<String>>,
) -> PyResult<u32> {
    let instance =
        instance(&base_path, &pid_filename)?.with_legacy_command(legacy_command.unwrap_or_default());
    let (patience, look) = (from_seconds(timeout)?, from_seconds(poll_interval)?.max(SHORTEST_LOOK));
    let begun = Instant::now();
    loop {
        let left = patience.saturating_sub(begun.elapsed());
        let found = py.detach(|| wait_a_moment(&instance, left.min(look))).map_err(to_python)?;
        match found {
            Some(identity) => return Ok(identity.pid.get()),
            None if left <= look => return Err(not_started(timeout, &instance, stderr_log.as_deref())),
            None => py.check_signals()?,
        }
    }
}

/// The library's wait needs a folder to watch; a child may still have to make it.
fn wait_a_moment(instance: &Instance, moment: Duration) -> Result<Option<Identity>, Error> {
    let there = instance.folder().is_dir();
    if !there {
        thread::sleep(moment);
    }
    match hiro_process::wait_for_pid(instance, if there { moment } else { Duration::ZERO }) {
        Ok(identity) => Ok(Some(identity)),
        Err(Error::NotAnnounced { .. }) => Ok(None),
        Err(Error::Io { .. }) if !instance.folder().is_dir() => Ok(None),
        Err(error) => Err(error),
    }
}

/// In the words of the original, which callers may look for.
fn not_started(timeout: f64, instance: &Instance, stderr_log: Option<&Path>) -> PyErr {
    let pid_file = instance.pid_file();
    let last_pid = hiro_process::read_pid(pid_file).map(Pid::get);
    let last_pid = last_pid.map_or_else(|| "None".to_owned(), |pid| pid.to_string());
    let lines = stderr_log.map(|log| stderr_tail(log, STDERR_LINES)).unwrap_or_default();
    let stderr = match lines.is_empty() {
        true => String::new(),
        false => format!("\n\nRecent stderr:\n{}", lines.join("\n")),
    };
    PyRuntimeError::new_err(format!(
        "Child process did not start within {timeout:?}s (pid_file={}, last_pid={last_pid}){stderr}",
        pid_file.display()
    ))
}
