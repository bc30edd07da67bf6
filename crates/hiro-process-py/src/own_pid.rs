//! What a child says of itself. Rule 2: nobody writes the PID of another process.

use std::path::PathBuf;

use hiro_process::{Instance, Phase, Pid};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::{Bound, PyAny, PyAnyMethods, PyResult, pyfunction};

use crate::announcements;
use crate::number::to_pid;
use crate::place::{channel_instance, instance};

/// Announces the calling process as the instance's, and as ready: record, lock for life, PID file.
///
/// `pid` may be None, 0 or the caller's own; any other is a `ValueError`, because only the child itself writes its PID.
/// Signals keep their handlers. Raises `AlreadyRunningError` while another process of the instance lives.
#[pyfunction]
#[pyo3(signature = (base_path, pid_filename, pid=None))]
pub(crate) fn write_pid(
    base_path: PathBuf,
    pid_filename: PathBuf,
    pid: Option<Bound<'_, PyAny>>,
) -> PyResult<()> {
    announce_ready(&instance(&base_path, &pid_filename)?, pid)
}

/// Announces the calling process, a channel plugin, as the channel's: `write_pid` for the channel's PID file.
#[pyfunction]
#[pyo3(signature = (base_path, channel_name, pid=None, channels_dir="channels"))]
pub(crate) fn write_channel_pid(
    base_path: PathBuf,
    channel_name: &str,
    pid: Option<Bound<'_, PyAny>>,
    channels_dir: &str,
) -> PyResult<()> {
    announce_ready(&channel_instance(&base_path, channel_name, channels_dir)?, pid)
}

/// Announces the calling process as one that is still starting: `ready` says when it does its job.
///
/// Like `write_pid` otherwise; `version` is shown beside its state.
#[pyfunction]
#[pyo3(signature = (base_path, pid_filename, *, version=""))]
pub(crate) fn announce(base_path: PathBuf, pid_filename: PathBuf, version: &str) -> PyResult<()> {
    announcements::announce(&instance(&base_path, &pid_filename)?, version, Phase::Starting)
}

/// Says that the calling process, announced before, does its job now: its port is bound.
#[pyfunction]
pub(crate) fn ready(base_path: PathBuf, pid_filename: PathBuf) -> PyResult<()> {
    announcements::ready(&instance(&base_path, &pid_filename)?)
}

/// A program that calls nothing but `write_pid` has no other word for ready.
fn announce_ready(instance: &Instance, pid: Option<Bound<'_, PyAny>>) -> PyResult<()> {
    refuse_foreign(pid)?;
    announcements::announce(instance, "", Phase::Ready)
}

fn refuse_foreign(pid: Option<Bound<'_, PyAny>>) -> PyResult<()> {
    let Some(pid) = pid else { return Ok(()) };
    if !pid.is_truthy()? || to_pid(&pid)? == Some(Pid::current()) {
        return Ok(());
    }
    Err(PyValueError::new_err(format!(
        "only a process itself writes its PID file: {pid} is not the PID of the caller, {} is",
        Pid::current()
    )))
}
