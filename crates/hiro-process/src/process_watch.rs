//! Waits for the end of a process whose start was confirmed: what a parent that lives long does on a thread per child, and
//! whoever looks after what others have started.
//!
//! It says nothing about why; a status does, and knows the exit code from here on.

use std::thread;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::exit_report::{self, Exit};
use crate::identity::{Identity, is_running};
use crate::instance::Instance;
use crate::{reaper, sys};

/// How long the exit status may take to be known after the end: a launcher passes on that of its worker, a parent collects
/// its child.
const STATUS_PATIENCE: Duration = Duration::from_millis(50);

/// How often to look whether it is.
const STATUS_POLL: Duration = Duration::from_millis(1);

/// A process of an instance, open, whose end can be waited for. It need not be a child.
///
/// ```
/// use std::time::Duration;
/// use hiro_process::{Identity, Instance, ProcessWatch};
/// let instance = Instance::new(std::env::temp_dir().join("worker.pid"))?;
/// let watch = ProcessWatch::open(&instance, &Identity::current()?)?;
/// assert!(!watch.wait_for_end(Duration::from_millis(1))?, "this process lives");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ProcessWatch {
    instance: Instance,
    process: Identity,
    /// Kept beyond the end: it is what can be asked then. `None` where it had ended before.
    handle: Option<sys::Process>,
}

impl ProcessWatch {
    /// Opens `process` of `instance`.
    ///
    /// # Errors
    /// The operating system refuses to let the process be waited for.
    pub fn open(instance: &Instance, process: &Identity) -> Result<Self, Error> {
        let handle = process.open().map_err(Error::process("open", process.pid))?;
        Ok(Self { instance: instance.clone(), process: *process, handle })
    }

    /// Waits until that very process has ended, for `timeout` at the longest; whether it has.
    ///
    /// What it ended with is then known to every later [`get_status`](crate::get_status) of the instance, here and
    /// elsewhere, where the system tells it.
    ///
    /// # Errors
    /// The operating system refuses to let the process be waited for.
    ///
    /// # Platform-specific behavior
    /// By event: a pidfd, kqueue, or the process's handle. A parent always learns how its child ended. Of a process that
    /// somebody else has started Windows tells it too, and so does Linux: from 6.15 on, and before for as long as nobody has
    /// collected it. macOS does not.
    pub fn wait_for_end(&self, timeout: Duration) -> Result<bool, Error> {
        let deadline = Instant::now() + timeout;
        while is_running(&self.process) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            let opened: Vec<_> = self.handle.iter().collect();
            sys::wait_for_event(None, &opened, left).map_err(Error::process("wait for", self.process.pid))?;
        }
        if let Some(exit) = self.exit() {
            exit_report::leave(&self.instance, &self.process, exit);
        }
        Ok(true)
    }

    fn exit(&self) -> Option<Exit> {
        let deadline = Instant::now() + STATUS_PATIENCE;
        loop {
            reaper::reap();
            if let Some(exit) = reaper::how_ended(&self.process) {
                return Some(exit);
            }
            if let Some(exit) = self.handle.as_ref().and_then(|handle| handle.exit(&self.process)) {
                reaper::remember(self.process, exit);
                return Some(exit);
            }
            let may_be_told = self.handle.is_some() || reaper::is_awaited(&self.process);
            if !may_be_told || Instant::now() >= deadline {
                return None;
            }
            thread::sleep(STATUS_POLL);
        }
    }
}
