//! The Python package `hiro_process`: a drop-in for `hiro_commons.process` on top of the crate `hiro-process`.
//!
//! Every name and signature of the original is here, in the form of 0.1 and in that of 0.2. The three rules hold for
//! Python callers too; what differs for that reason, or because the original was wrong, is listed in this crate's README.

mod announcements;
mod default_log;
mod duration;
mod environment;
mod errors;
mod liveness;
mod number;
mod own_pid;
mod place;
mod reading;
mod spawn;
mod stopping;
mod waiting;
mod workspace;

/// Starts, watches and stops background processes by their PID files.
///
/// A drop-in for `hiro_commons.process`: only the child writes its PID file, and only a stop removes it.
#[pyo3::pymodule]
mod hiro_process {
    // How to start.
    #[pymodule_export]
    use super::spawn::spawn_detached;
    #[pymodule_export]
    use super::waiting::wait_for_pid;
    #[pymodule_export]
    use super::workspace::{find_workspace_root, uv_python_cmd};

    // Where the files are.
    #[pymodule_export]
    use super::place::{channel_pid_file, pid_file};

    // What the child says of itself.
    #[pymodule_export]
    use super::own_pid::{announce, ready, write_channel_pid, write_pid};

    // What others may say of it.
    #[pymodule_export]
    use super::liveness::is_running;
    #[pymodule_export]
    use super::reading::{get_status, read_channel_pid, read_pid, read_pid_record, read_running_pid};

    // How to stop.
    #[pymodule_export]
    use super::stopping::{kill_process, remove_channel_pid, remove_pid, stop_process};

    #[pymodule_export]
    use super::errors::{AlreadyRunningError, UnverifiableError};

    #[expect(non_upper_case_globals, reason = "Python's name for it")]
    #[pymodule_export]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
