//! What a running gateway says of itself: `state.json` in its folder.
//!
//! Only the running gateway writes it. The transitions are here, the writing is [`crate::relay`]'s.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::store::{self, StoreError};

/// What `state.json` holds.
///
/// ```
/// use hirogateway::state::State;
///
/// let mut state = State::default();
/// state.desktop_joined("2026-11-22T10:31:53.65824Z".parse()?);
/// assert_eq!(state.last_connected.as_deref(), Some("2026-11-22T10:31:53.658240+00:00"));
/// # Ok::<(), jiff::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Whether a desktop is logged in.
    #[serde(default)]
    pub desktop_connected: bool,
    /// When a desktop last logged in.
    #[serde(default)]
    pub last_connected: Option<String>,
    /// Why somebody could not log in as the desktop, until a desktop does.
    #[serde(default)]
    pub last_auth_error: Option<String>,
    /// Keys of other versions.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl State {
    /// The state in the instance's folder; the default when there is none.
    ///
    /// # Errors
    /// When the file is there and can't be understood. It tells nothing that the next start would not tell anew, so
    /// callers may take the default then.
    pub fn load(instance_folder: &Path) -> Result<Self, StoreError> {
        Ok(store::read(&state_file(instance_folder))?.unwrap_or_default())
    }

    /// A gateway has started: nobody is logged in yet, whatever the last one left behind.
    pub fn gateway_started(&mut self) {
        self.desktop_connected = false;
    }

    /// A desktop has logged in.
    pub fn desktop_joined(&mut self, now: Timestamp) {
        self.desktop_connected = true;
        self.last_connected = Some(python_isoformat(now));
        self.last_auth_error = None;
    }

    /// The last desktop has left.
    pub fn last_desktop_left(&mut self) {
        self.desktop_connected = false;
    }

    /// Somebody could not log in as the desktop. As long as a desktop is on, that says nothing about it.
    ///
    /// Returns whether the state has changed.
    pub fn desktop_refused(&mut self, reason: &str) -> bool {
        let changed = !self.desktop_connected && self.last_auth_error.as_deref() != Some(reason);
        if changed {
            self.last_auth_error = Some(reason.to_owned());
        }
        changed
    }
}

/// The state file in an instance's folder.
pub fn state_file(instance_folder: &Path) -> PathBuf {
    instance_folder.join("state.json")
}

/// As `datetime.isoformat` writes a time in UTC: microseconds only where there are any.
fn python_isoformat(time: Timestamp) -> String {
    let has_micros = time.subsec_nanosecond() >= 1000;
    let form = if has_micros { "%Y-%m-%dT%H:%M:%S%.6f+00:00" } else { "%Y-%m-%dT%H:%M:%S+00:00" };
    time.strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::State;

    #[test]
    fn a_refused_login_says_nothing_while_a_desktop_is_on() {
        let mut state = State::default();
        state.desktop_joined("2026-01-02T03:04:05.000000900Z".parse().unwrap());
        assert_eq!(state.last_connected.as_deref(), Some("2026-01-02T03:04:05+00:00"));
        assert!(!state.desktop_refused("desktop signature invalid"));
        assert!(state.desktop_connected && state.last_auth_error.is_none());
    }

    #[test]
    fn a_refused_login_is_told_once_no_desktop_is_on_and_forgotten_when_one_comes() {
        let mut state = State::default();
        assert!(state.desktop_refused("desktop signature invalid"));
        assert!(!state.desktop_refused("desktop signature invalid"));
        state.desktop_joined("2026-01-02T03:04:05Z".parse().unwrap());
        state.last_desktop_left();
        assert!(!state.desktop_connected && state.last_auth_error.is_none());
    }

    #[test]
    fn a_start_keeps_the_history_but_not_the_connection() {
        let mut state = State { desktop_connected: true, ..State::default() };
        state.last_connected = Some("2026-01-02T03:04:05+00:00".to_owned());
        state.gateway_started();
        assert!(!state.desktop_connected && state.last_connected.is_some());
    }
}
