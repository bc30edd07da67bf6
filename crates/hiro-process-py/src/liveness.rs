//! Whether a process lives: zombies don't, processes of other users do.

use std::io;

use hiro_process::{Identity, Pid};
use pyo3::prelude::{Bound, PyAny, PyResult, pyfunction};

use crate::number::to_pid;

/// Whether a live process bears the number, and with `create_time` (seconds since the epoch, as psutil has it) whether it
/// is the one that started then, 2 s more or less.
///
/// A zombie is not running; a process of another user is. Numbers that are no PIDs (0, -1, huge) are not running. Without
/// `create_time` the answer says nothing about *which* process that is: prefer `read_running_pid`.
#[pyfunction]
#[pyo3(signature = (pid, create_time=None))]
pub(crate) fn is_running(pid: Option<Bound<'_, PyAny>>, create_time: Option<f64>) -> PyResult<bool> {
    let Some(pid) = pid.as_ref().map(to_pid).transpose()?.flatten() else { return Ok(false) };
    Ok(match create_time {
        // Not being allowed to look is not a sign of death.
        None => Identity::of(pid).map_or(true, |live| live.is_some()),
        // A claim that can't be checked is not believed.
        Some(create_time) => started_at(pid, create_time).unwrap_or(false),
    })
}

fn started_at(pid: Pid, create_time: f64) -> io::Result<bool> {
    match Identity::of(pid)? {
        Some(live) => live.start_time.is_about(create_time),
        None => Ok(false),
    }
}
