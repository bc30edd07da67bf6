//! A request to stop, as a value that the process itself can wait for.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::pid::Pid;
use crate::sys;

/// Who wants the process to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopRequest {
    /// Another process asks: SIGTERM, or the stop event on Windows. It waits for the end and removes the PID file.
    Terminated,
    /// The user of a foreground process: Ctrl-C in its terminal.
    Interrupted,
    /// The program itself, on behalf of a client that told it so.
    Requested,
}

/// The requests to stop this process; clones wait for the same ones. A request stays: whoever asks later sees it too.
#[derive(Debug, Clone)]
pub struct StopRequests {
    signals: Arc<sys::StopSignals>,
}

impl StopRequests {
    pub(crate) fn listen() -> Result<Self, Error> {
        let signals = sys::StopSignals::install()
            .map_err(Error::process("listen for stop requests in", Pid::current()))?;
        Ok(Self { signals: Arc::new(signals) })
    }

    /// Waits until somebody asks.
    ///
    /// # Errors
    /// What the operating system says of the wait.
    pub fn wait(&self) -> Result<StopRequest, Error> {
        loop {
            if let Some(request) = self.wait_timeout(Duration::from_secs(3600))? {
                return Ok(request);
            }
        }
    }

    /// Waits until somebody asks, `timeout` at the longest.
    ///
    /// # Errors
    /// What the operating system says of the wait.
    pub fn wait_timeout(&self, timeout: Duration) -> Result<Option<StopRequest>, Error> {
        self.signals.wait(timeout).map_err(Error::process("wait for stop requests in", Pid::current()))
    }

    /// Whether somebody has asked.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn try_wait(&self) -> Result<Option<StopRequest>, Error> {
        self.wait_timeout(Duration::ZERO)
    }

    /// Asks this process to stop, from within: the answer to a client's request.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn request(&self) -> Result<(), Error> {
        self.signals.request().map_err(Error::process("ask to stop", Pid::current()))
    }

    /// Where other processes ask, on platforms without SIGTERM.
    pub(crate) fn address(&self) -> Option<String> {
        self.signals.address()
    }
}
