//! The states of an instance by their names, and what a script is told by the exit code of `status NAME`.

use std::fmt;

use hiro_process::State;
use serde::{Deserialize, Serialize};

/// The state of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StateName {
    /// It does not run, and nothing says that it should.
    Stopped,
    /// It runs and does not do its job yet.
    Starting,
    /// It does its job.
    Ready,
    /// It is on its way out.
    Stopping,
    /// It ended without being stopped.
    Crashed,
    /// The witnesses disagree.
    Unverifiable,
}

impl StateName {
    /// The name of `state`.
    #[must_use]
    pub fn of(state: &State) -> Self {
        match state {
            State::Stopped => Self::Stopped,
            State::Starting(_) => Self::Starting,
            State::Ready(_) => Self::Ready,
            State::Stopping(_) => Self::Stopping,
            State::Crashed(_) => Self::Crashed,
            // A state that this version does not know is nothing that it can vouch for.
            _ => Self::Unverifiable,
        }
    }

    /// What `status NAME` exits with: 0 ready, 3 stopped, 4 crashed, 5 in between or unverifiable.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Ready => 0,
            Self::Stopped => 3,
            Self::Crashed => 4,
            Self::Starting | Self::Stopping | Self::Unverifiable => 5,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Stopping => "stopping",
            Self::Crashed => "crashed",
            Self::Unverifiable => "unverifiable",
        }
    }
}

impl fmt::Display for StateName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.text())
    }
}
