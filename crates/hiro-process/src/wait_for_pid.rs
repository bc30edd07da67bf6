//! Waits for an instance that somebody else starts: the second half of a start, for callers who spawn by themselves.

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::identity::{Identity, is_running};
use crate::instance::Instance;
use crate::pid_file::read_pid;
use crate::state::Run;
use crate::status::get_status;
use crate::sys;

/// The safety net under the directory watch.
const POLL: Duration = Duration::from_millis(500);

/// Waits until the instance has announced a process and that process lives, `timeout` at the longest.
///
/// # Errors
/// [`Error::NotAnnounced`] at the timeout, with the PID file and what it holds; or the folder can't be watched.
pub fn wait_for_pid(instance: &Instance, timeout: Duration) -> Result<Identity, Error> {
    let begun = Instant::now();
    let watch =
        sys::FolderWatch::new(instance.folder()).map_err(Error::io("watch the folder", instance.folder()))?;
    loop {
        if let Some(run) = get_status(instance).run().filter(|run| has_announced(run, instance)) {
            return Ok(run.identity);
        }
        let left = timeout.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return Err(Error::NotAnnounced {
                pid_file: instance.pid_file().to_owned(),
                last_pid: read_pid(instance.pid_file()),
                waited: begun.elapsed(),
            });
        }
        sys::wait_for_event(Some(&watch), &[], left.min(POLL))
            .map_err(Error::io("watch", instance.folder()))?;
    }
}

/// The PID file is written last: between it and the record an announcement is on its way.
fn has_announced(run: &Run, instance: &Instance) -> bool {
    is_running(&run.identity) && read_pid(instance.pid_file()) == Some(run.identity.pid)
}
