//! Waits for the end of a process whose start was confirmed: what a parent that lives long does on a thread per child.
//!
//! It says nothing about why; a status does, and knows the exit code from here on.

use std::thread;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::identity::Identity;
use crate::reaper;
use crate::stop::wait_for_exit;

/// How long a launcher may take to pass on the exit status of a worker that has ended.
const LAUNCHER_PATIENCE: Duration = Duration::from_millis(50);

/// How often to look whether the launcher has.
const LAUNCHER_POLL: Duration = Duration::from_millis(1);

/// Waits until that very process has ended, for `timeout` at the longest; whether it has. It need not be a child.
///
/// Where it was started by this very program, what it ended with is known to every later [`get_status`](crate::get_status)
/// of its instance, here and elsewhere.
///
/// ```
/// use std::time::Duration;
/// use hiro_process::{Identity, wait_for_end};
/// let ended = wait_for_end(&Identity::current()?, Duration::from_millis(1))?;
/// assert!(!ended, "this process lives");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// The operating system refuses to let the process be waited for.
///
/// # Platform-specific behavior
/// By event: a pidfd, kqueue, or the process's handle.
pub fn wait_for_end(process: &Identity, timeout: Duration) -> Result<bool, Error> {
    if !wait_for_exit(process, Instant::now() + timeout)? {
        return Ok(false);
    }
    reaper::reap();
    wait_for_launcher(process);
    reaper::report(process);
    Ok(true)
}

/// A launcher ends a moment after its worker, and with the same status.
fn wait_for_launcher(process: &Identity) {
    let deadline = Instant::now() + LAUNCHER_PATIENCE;
    while reaper::is_awaited(process) && Instant::now() < deadline {
        thread::sleep(LAUNCHER_POLL);
        reaper::reap();
    }
}
