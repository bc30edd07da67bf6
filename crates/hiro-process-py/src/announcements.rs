//! The announcements of this process, kept until it ends: each holds the lock that says that the process lives.
//!
//! A copy of the process that `fork` made, a worker of `multiprocessing` say, has none of them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hiro_process::{Announced, Instance, OwnSignals, Phase, Pid, announce_with_own_signals};
use pyo3::PyResult;
use pyo3::exceptions::PyRuntimeError;

use crate::errors::{to_python, writing};

type Announcement = Announced<OwnSignals>;

/// By PID file.
static ANNOUNCED: Mutex<BTreeMap<PathBuf, Announcement>> = Mutex::new(BTreeMap::new());

/// Announces this process as the instance's, in the phase `begins`. Once more, it writes the PID file again, which somebody
/// may have deleted.
///
/// The interpreter is not let go meanwhile: this reads the environment, which other threads could change.
pub(crate) fn announce(instance: &Instance, version: &str, begins: Phase) -> PyResult<()> {
    match announced().entry(instance.pid_file().to_owned()) {
        Entry::Occupied(mut place) => {
            if begins == Phase::Ready {
                place.get_mut().ready().map_err(to_python)?;
            }
            hiro_process::write_pid(instance.pid_file()).map_err(writing(instance.pid_file()))
        }
        Entry::Vacant(place) => {
            place.insert(announce_with_own_signals(instance, version, begins).map_err(to_python)?);
            Ok(())
        }
    }
}

/// Says that this process does its job as the instance's.
pub(crate) fn ready(instance: &Instance) -> PyResult<()> {
    match announced().get_mut(instance.pid_file()) {
        Some(announcement) => announcement.ready().map_err(to_python),
        None => Err(PyRuntimeError::new_err(format!(
            "this process has not announced itself as `{}`",
            instance.pid_file().display()
        ))),
    }
}

fn announced() -> MutexGuard<'static, BTreeMap<PathBuf, Announcement>> {
    let mut all = ANNOUNCED.lock().unwrap_or_else(PoisonError::into_inner);
    all.retain(|_, announcement| announcement.identity().pid == Pid::current());
    all
}
