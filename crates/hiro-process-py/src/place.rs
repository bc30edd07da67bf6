//! Where the PID files are, and the instances that they belong to.

use std::path::{Path, PathBuf, is_separator};

use hiro_process::Instance;
use pyo3::PyResult;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::pyfunction;

/// The path of a PID file.
#[pyfunction]
pub(crate) fn pid_file(base_path: PathBuf, pid_filename: PathBuf) -> PathBuf {
    base_path.join(pid_filename)
}

/// The path of a channel's PID file.
///
/// A name with a path separator in it is a `ValueError`.
#[pyfunction]
#[pyo3(signature = (base_path, channel_name, channels_dir="channels"))]
pub(crate) fn channel_pid_file(
    base_path: PathBuf,
    channel_name: &str,
    channels_dir: &str,
) -> PyResult<PathBuf> {
    if channel_name.is_empty() || channel_name.contains(is_separator) {
        return Err(PyValueError::new_err(format!("`{channel_name}` is no name of a channel")));
    }
    Ok(base_path.join(channels_dir).join(format!("{channel_name}.pid")))
}

/// The instance whose PID file that is.
pub(crate) fn instance(base_path: &Path, pid_filename: &Path) -> PyResult<Instance> {
    Ok(Instance::new(base_path.join(pid_filename))?)
}

/// The instance of a channel.
pub(crate) fn channel_instance(
    base_path: &Path,
    channel_name: &str,
    channels_dir: &str,
) -> PyResult<Instance> {
    let pid_file = channel_pid_file(base_path.to_owned(), channel_name, channels_dir)?;
    Ok(Instance::new(pid_file)?)
}
