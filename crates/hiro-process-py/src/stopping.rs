//! How a process is stopped, and what is left of one removed. Rule 3: only a stop removes a PID file.

use std::path::PathBuf;

use hiro_process::{Error, Instance, StopOptions, Stopped};
use pyo3::exceptions::PyNotImplementedError;
use pyo3::prelude::{Bound, PyAny, PyResult, Python, pyfunction};

use crate::duration::from_seconds;
use crate::errors::{AlreadyRunningError, to_python};
use crate::place::{channel_instance, instance};

/// Stops the instance: verifies which process it is, asks it to end, waits `grace` seconds, kills its whole tree then, and
/// removes the PID file once nothing of it is left. True if a process was stopped, False if there was none; what a
/// crashed one left is cleared.
///
/// Raises `UnverifiableError`, and signals nothing, where it can't be told which process is meant. `legacy_command`: words
/// of the command line by which a process is recognised that wrote its PID file the old way.
#[pyfunction]
#[pyo3(signature = (base_path, pid_filename, *, grace=10.0, legacy_command=None))]
pub(crate) fn stop_process(
    py: Python<'_>,
    base_path: PathBuf,
    pid_filename: PathBuf,
    grace: f64,
    legacy_command: Option<Vec<String>>,
) -> PyResult<bool> {
    let instance =
        instance(&base_path, &pid_filename)?.with_legacy_command(legacy_command.unwrap_or_default());
    let options = StopOptions { grace: from_seconds(grace)?, ..StopOptions::default() };
    let stopped = py.detach(|| hiro_process::stop_process(&instance, &options)).map_err(to_python)?;
    Ok(matches!(stopped, Stopped::Gracefully(_) | Stopped::Killed(_)))
}

/// Clears what a crashed process left, as `stop_process` would.
///
/// Raises `AlreadyRunningError` while the process lives, and removes nothing: only `stop_process` does then.
#[pyfunction]
pub(crate) fn remove_pid(py: Python<'_>, base_path: PathBuf, pid_filename: PathBuf) -> PyResult<()> {
    clear(py, &instance(&base_path, &pid_filename)?)
}

/// Clears what a crashed channel left: `remove_pid` for the channel's PID file.
#[pyfunction]
#[pyo3(signature = (base_path, channel_name, channels_dir="channels"))]
pub(crate) fn remove_channel_pid(
    py: Python<'_>,
    base_path: PathBuf,
    channel_name: &str,
    channels_dir: &str,
) -> PyResult<()> {
    clear(py, &channel_instance(&base_path, channel_name, channels_dir)?)
}

/// Always raises `NotImplementedError`: a bare number is not enough to signal a process, because another one may bear it
/// by now. `stop_process` takes the instance and verifies it.
#[pyfunction]
#[pyo3(signature = (pid, *, include_tree=false))]
pub(crate) fn kill_process(pid: Bound<'_, PyAny>, include_tree: bool) -> PyResult<bool> {
    let whole = if include_tree { " and its tree" } else { "" };
    Err(PyNotImplementedError::new_err(format!(
        "process {pid}{whole} is not signalled: a bare PID may be another process's by now; \
         use `stop_process(base_path, pid_filename)`, which verifies the process and ends its whole tree"
    )))
}

fn clear(py: Python<'_>, instance: &Instance) -> PyResult<()> {
    let turn = StopOptions::default().turn;
    match py.detach(|| hiro_process::clear_crash(instance, turn)) {
        Ok(_) => Ok(()),
        Err(error @ Error::AlreadyRunning { .. }) => Err(AlreadyRunningError::new_err(format!(
            "{error}: only `stop_process` removes the PID file of a process that lives"
        ))),
        Err(error) => Err(to_python(error)),
    }
}
