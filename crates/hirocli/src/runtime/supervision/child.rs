//! What a keeper has to know of a child: its instance, how it is launched each time, and its rules.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use hiro_process::{Instance, Launch, StartOptions, Started, StopOptions};

use super::log_bound::STDERR_LIMIT;
use super::rules::Rules;
use crate::Error;

/// One child of the server. Everything here may block: it is called on threads that may.
pub trait Child: Debug + Send + Sync + 'static {
    /// How statuses call it: `channel:<workspace>/<name>` or `service:<workspace>/<name>`.
    fn name(&self) -> &str;

    /// Where its files are.
    fn instance(&self) -> &Instance;

    /// How it is run this time; asked anew before every start.
    ///
    /// # Errors
    /// It can't be run as it is configured.
    fn launch(&self) -> Result<Launch, Error>;

    /// By which rules it is started again.
    fn rules(&self) -> Rules {
        Rules::default()
    }

    /// How patient its start is.
    fn start_options(&self) -> StartOptions {
        StartOptions::default()
    }

    /// How patient its stop is.
    fn stop_options(&self) -> StopOptions {
        StopOptions::default()
    }

    /// How large its stderr log may grow while it runs, in bytes.
    fn stderr_limit(&self) -> u64 {
        STDERR_LIMIT
    }

    /// How long it may run without doing what it is there for; `None`: nobody looks.
    fn silence(&self) -> Option<Duration> {
        None
    }

    /// Whether it does what it is there for. Asked when its [`silence`](Self::silence) is over, and must not block.
    fn is_heard(&self) -> bool {
        true
    }

    /// Waits until the process, which lives and says that it is ready, does its job. To return soon once `is_wanted`
    /// says that nobody waits for it any more; what it returns then does not matter.
    ///
    /// # Errors
    /// It does not do its job in time, which counts as a crash.
    fn wait_until_ready(&self, _started: &Started, _is_wanted: &dyn Fn() -> bool) -> Result<(), Error> {
        Ok(())
    }

    /// Asks it to end, in whatever words are its own, and gives it time for that. Then it is stopped as any process.
    fn ask_to_end(&self) {}
}

/// Where children are found by their names when somebody wants one to be started that does not run.
pub trait Roster: Debug + Send + Sync + 'static {
    /// The child, as it is configured now; `None` where there is none of that name.
    ///
    /// # Errors
    /// It may not be started, or the configuration can't be read.
    fn find(&self, name: &str) -> Result<Option<Arc<dyn Child>>, Error>;
}
