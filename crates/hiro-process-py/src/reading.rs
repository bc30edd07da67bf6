//! What others may say of a process by its files. Reading changes nothing: no file is removed or repaired.

use std::path::PathBuf;

use hiro_process::{Instance, Pid, Record, State};
use pyo3::prelude::{PyResult, Python, pyfunction};

use crate::place::{channel_instance, instance};

/// The number in the PID file; None for a file that is missing or holds no PID.
///
/// It may be another process's by now: `read_running_pid` verifies it.
#[pyfunction]
pub(crate) fn read_pid(base_path: PathBuf, pid_filename: PathBuf) -> PyResult<Option<u32>> {
    Ok(number_in(&instance(&base_path, &pid_filename)?))
}

/// The number in a channel's PID file; None for a file that is missing or holds no PID.
#[pyfunction]
#[pyo3(signature = (base_path, channel_name, channels_dir="channels"))]
pub(crate) fn read_channel_pid(
    base_path: PathBuf,
    channel_name: &str,
    channels_dir: &str,
) -> PyResult<Option<u32>> {
    Ok(number_in(&channel_instance(&base_path, channel_name, channels_dir)?))
}

/// `(pid, create_time)`: the number in the PID file, and when that process started, in seconds since the epoch, from its
/// record or from the file's second line; None for what is missing.
#[pyfunction]
pub(crate) fn read_pid_record(
    base_path: PathBuf,
    pid_filename: PathBuf,
) -> PyResult<(Option<u32>, Option<f64>)> {
    let instance = instance(&base_path, &pid_filename)?;
    let Some((pid, second_line)) = hiro_process::read_pid_and_start(instance.pid_file()) else {
        return Ok((None, None));
    };
    let record = Record::read(&instance).filter(|record| record.pid == pid);
    Ok((Some(pid.get()), record.map(|record| record.start_time_epoch).or(second_line)))
}

/// The PID of the instance's process, verified: it lives, and it is that process and no later one of the same number.
/// None otherwise; the files stay.
///
/// `legacy_command`: words of the command line by which a process is recognised that wrote its PID file the old way.
#[pyfunction]
#[pyo3(signature = (base_path, pid_filename, *, legacy_command=None))]
pub(crate) fn read_running_pid(
    py: Python<'_>,
    base_path: PathBuf,
    pid_filename: PathBuf,
    legacy_command: Option<Vec<String>>,
) -> PyResult<Option<u32>> {
    let state = state(
        py,
        &instance(&base_path, &pid_filename)?.with_legacy_command(legacy_command.unwrap_or_default()),
    );
    Ok(state.run().map(|run| run.identity.pid.get()))
}

/// What can be said of the instance: "stopped", "starting", "ready", "stopping", "crashed" or "unverifiable".
#[pyfunction]
#[pyo3(signature = (base_path, pid_filename, *, legacy_command=None))]
pub(crate) fn get_status(
    py: Python<'_>,
    base_path: PathBuf,
    pid_filename: PathBuf,
    legacy_command: Option<Vec<String>>,
) -> PyResult<&'static str> {
    Ok(state(
        py,
        &instance(&base_path, &pid_filename)?.with_legacy_command(legacy_command.unwrap_or_default()),
    )
    .name())
}

fn state(py: Python<'_>, instance: &Instance) -> State {
    py.detach(|| hiro_process::get_status(instance))
}

fn number_in(instance: &Instance) -> Option<u32> {
    hiro_process::read_pid(instance.pid_file()).map(Pid::get)
}
