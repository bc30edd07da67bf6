//! The code by which one device may pair for a while: `pairing_session.json` in the workspace's folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hiro_process::files::Durability;
use hirogateway::store;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::with_z;
use crate::Error;

/// What `pairing_session.json` holds.
///
/// ```
/// use hirocli::workspace::PairingSession;
/// use jiff::{SignedDuration, Timestamp};
///
/// let now = Timestamp::UNIX_EPOCH;
/// let session = PairingSession::new(6, 300, now);
/// assert_eq!(session.code.len(), 6);
/// assert!(session.is_valid(now + SignedDuration::from_secs(299)));
/// assert!(!session.is_valid(now + SignedDuration::from_secs(300)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairingSession {
    /// The digits that a person types into the device.
    pub code: String,
    /// From when on it holds, as the Python packages write a time.
    pub created_at: String,
    /// For how long.
    pub ttl_seconds: u64,
}

impl PairingSession {
    /// A session with a random code of `code_length` digits that holds for `ttl_seconds` from `now` on.
    ///
    /// # Panics
    /// When the operating system has no randomness to give.
    pub fn new(code_length: usize, ttl_seconds: u64, now: Timestamp) -> Self {
        Self { code: random_digits(code_length), created_at: with_z(now), ttl_seconds }
    }

    /// The session in the workspace's folder, if it is valid at `now`. One that has run out is removed.
    ///
    /// # Errors
    /// When the file is there and can't be read, understood or removed.
    pub fn load(workspace: &Path, now: Timestamp) -> Result<Option<Self>, Error> {
        let session: Option<Self> = store::read(&session_file(workspace))?;
        match session {
            Some(session) if session.is_valid(now) => Ok(Some(session)),
            Some(_) => Self::clear(workspace).map(|()| None),
            None => Ok(None),
        }
    }

    /// Writes the session into the workspace's folder, in place of any other.
    ///
    /// # Errors
    /// When the file can't be written.
    pub fn save(&self, workspace: &Path) -> Result<(), Error> {
        Ok(store::write(&session_file(workspace), self, Durability::Volatile)?)
    }

    /// Ends the session in the workspace's folder, if there is one.
    ///
    /// # Errors
    /// When the file can't be removed.
    pub fn clear(workspace: &Path) -> Result<(), Error> {
        let path = session_file(workspace);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(Error::Io { action: "remove", path, source })
            }
            _ => Ok(()),
        }
    }

    /// Whether the code still holds. A time of creation that can't be read never held.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        let Ok(created_at) = self.created_at.parse::<Timestamp>() else { return false };
        let lifetime = SignedDuration::from_secs(i64::try_from(self.ttl_seconds).unwrap_or(i64::MAX));
        created_at.checked_add(lifetime).map_or(true, |end| now < end)
    }
}

/// The session file in a workspace's folder.
pub fn session_file(workspace: &Path) -> PathBuf {
    workspace.join("pairing_session.json")
}

/// Bytes from 250 on are drawn again: with them the first six digits would come more often than the others.
fn random_digits(length: usize) -> String {
    let mut digits = String::with_capacity(length);
    while digits.len() < length {
        let mut byte = [0];
        getrandom::fill(&mut byte).expect("the operating system gives random bytes");
        if byte[0] < 250 {
            digits.push(char::from(b'0' + byte[0] % 10));
        }
    }
    digits
}
