//! The detached spawn, as Python callers know it.

use std::env;
use std::path::PathBuf;

use hiro_process::Launch;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::{Bound, PyResult, pyfunction};
use pyo3::types::PyMapping;

use crate::default_log::default_log;
use crate::environment::with_environment;
use crate::errors::to_python;

/// Starts a program that is detached from the caller: a session of its own, no stdin, stdout to nowhere, stderr appended to
/// `stderr_log` (`~/.hiro/logs/<program>.stderr.log` unless given).
///
/// Nothing is returned that could be taken for the worker's PID: `wait_for_pid` gives that. A Python child is started with
/// `uv_python_cmd()`. What a debugger or a virtual environment left in the environment is not passed on, unless `env` gives
/// it another value. Raises `FileNotFoundError` where the program is missing.
#[pyfunction]
#[pyo3(signature = (cmd, env=None, stderr_log=None))]
pub(crate) fn spawn_detached(
    cmd: Vec<PathBuf>,
    env: Option<Bound<'_, PyMapping>>,
    stderr_log: Option<PathBuf>,
) -> PyResult<()> {
    let (program, arguments) =
        cmd.split_first().ok_or_else(|| PyValueError::new_err("there is no program in an empty `cmd`"))?;
    let log = stderr_log.map_or_else(|| default_log(program), Ok)?;
    let launch = Launch::native(program, log).args(arguments).directory(env::current_dir()?);
    let launch = with_environment(launch, env.as_ref())?;
    // The interpreter is not let go meanwhile: this reads the environment, which other threads could change.
    hiro_process::spawn_detached(&launch).map_err(to_python)
}
