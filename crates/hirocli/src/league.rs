//! The league: a workspace's server with its channels, its services, and the gateway before it. All of it up, all of it down, and how
//! all of it is.

mod demonstration;
mod down;
mod gateway;
mod status;
mod up;
mod wait;

use std::time::Duration;

use hiro_process::Phase;

pub use demonstration::demonstrate;
pub use down::{Down, StoppedInstance, down};
pub use status::{Status, status, status_of_workspace};
pub use up::{League, ProjectChoice, UpOptions, up};

/// What the league is waiting for, told about once a second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// For which part: `gateway:default`, or whatever else is missing.
    pub what: String,
    /// How long so far.
    pub waited: Duration,
    /// How far that part has come; `None`: nothing is known yet.
    pub phase: Option<Phase>,
}
