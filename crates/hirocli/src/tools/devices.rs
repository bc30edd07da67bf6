//! The devices of a workspace: let a new one in, list them, and take the right to talk away from one.
//!
//! Everything is in the workspace's files, which a running server reads at every turn: nothing has to be restarted.

use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::Error;
use crate::database::Database;
use crate::workspace::{PairingSession, WorkspaceConfig, WorkspaceEntry, with_z};

/// A code with fewer digits is soon guessed, one with more is not typed.
const CODE_LENGTHS: RangeInclusive<u64> = 4..=32;

/// From the time that it takes to type a code to a day.
const LIFETIMES: RangeInclusive<u64> = 10..=86_400;

/// What is to be typed into a new device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PairingCode {
    /// The digits.
    pub code: String,
    /// Until when they hold, in UTC with a final `Z`.
    pub expires_at: String,
    /// Where the device finds the workspace.
    pub gateway_url: String,
}

/// A device that may talk to the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PairedDevice {
    /// The name under which it logs in.
    pub device_id: String,
    /// What people call it.
    pub device_name: Option<String>,
    /// When it was paired.
    pub paired_at: String,
    /// Until when it is trusted; absent: without end.
    pub expires_at: Option<String>,
}

/// What became of a revocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revoked {
    /// There was such a device.
    pub removed: bool,
    /// The device.
    pub device_id: String,
}

/// Opens the workspace for one new device, for a while, and returns the code that it needs. A code that was given out
/// before is void. Digits and time are those of the configuration unless they are given.
///
/// # Errors
/// The configuration can't be used, a number is out of bounds, or the session can't be written.
pub fn add(
    workspace: &WorkspaceEntry,
    code_length: Option<u64>,
    ttl_seconds: Option<u64>,
) -> Result<PairingCode, Error> {
    let config = WorkspaceConfig::load(&workspace.path)?;
    let configured = u64::try_from(config.pairing_code_length).unwrap_or(u64::MAX);
    let length = within("pairing code length", code_length.unwrap_or(configured), CODE_LENGTHS)?;
    let lifetime =
        within("pairing code lifetime", ttl_seconds.unwrap_or(config.pairing_code_ttl_seconds), LIFETIMES)?;
    let now = Timestamp::now();
    let session = PairingSession::new(usize::try_from(length).expect("it is small"), lifetime, now);
    session.save(&workspace.path)?;
    let lifetime = SignedDuration::from_secs(lifetime.cast_signed());
    Ok(PairingCode {
        code: session.code,
        expires_at: with_z(now.checked_add(lifetime).unwrap_or(Timestamp::MAX)),
        gateway_url: config.gateway_url,
    })
}

/// The paired devices, oldest first. A row that can't be understood is left out.
///
/// # Errors
/// The database can't be read.
pub fn list(workspace: &WorkspaceEntry) -> Result<Vec<PairedDevice>, Error> {
    let Some(database) = Database::look(&workspace.path)? else { return Ok(Vec::new()) };
    let devices = database.devices()?.rows.into_iter().map(|device| PairedDevice {
        device_id: device.device_id,
        device_name: device.device_name,
        paired_at: with_z(device.paired_at),
        expires_at: device.expires_at.map(with_z),
    });
    Ok(devices.collect())
}

/// Strikes a device out: the server refuses what it says from now on, although the gateway lets it in until its
/// attestation runs out. A device that isn't there is no error.
///
/// # Errors
/// The database can't be written.
pub fn revoke(workspace: &WorkspaceEntry, device_id: &str) -> Result<Revoked, Error> {
    let removed = match Database::look(&workspace.path)? {
        Some(_) => Database::open(&workspace.path)?.remove_device(device_id)?,
        None => false,
    };
    Ok(Revoked { removed, device_id: device_id.to_owned() })
}

fn within(what: &'static str, value: u64, allowed: RangeInclusive<u64>) -> Result<u64, Error> {
    if allowed.contains(&value) {
        return Ok(value);
    }
    Err(Error::OutOfBounds { what, value, least: *allowed.start(), most: *allowed.end() })
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    fn workspace(config: &WorkspaceConfig) -> (tempfile::TempDir, WorkspaceEntry) {
        let folder = tempfile::tempdir().unwrap();
        config.save(folder.path()).unwrap();
        let (id, name, path) = ("1".to_owned(), "test".to_owned(), folder.path().to_owned());
        (folder, WorkspaceEntry { id, name, path, port_slot: 0, other: Map::new() })
    }

    #[test]
    fn a_code_has_the_digits_and_the_time_of_the_configuration_and_the_last_one_holds() {
        let config = WorkspaceConfig { pairing_code_length: 9, ..WorkspaceConfig::default() };
        let (_folder, workspace) = workspace(&config);
        let first = add(&workspace, None, None).unwrap();
        assert!(first.code.len() == 9 && first.code.bytes().all(|byte| byte.is_ascii_digit()), "{first:?}");
        let second = add(&workspace, Some(6), Some(60)).unwrap();
        let session = PairingSession::load(&workspace.path, Timestamp::now()).unwrap().unwrap();
        assert_eq!((session.code, session.ttl_seconds), (second.code, 60));
        assert_eq!(second.gateway_url, config.gateway_url);
    }

    #[test]
    fn a_code_that_is_soon_guessed_or_holds_for_ever_is_refused() {
        let (_folder, workspace) = workspace(&WorkspaceConfig::default());
        for (length, lifetime) in [(3, 300), (0, 300), (33, 300), (6, 9), (6, 86_401)] {
            let error = add(&workspace, Some(length), Some(lifetime)).unwrap_err().to_string();
            assert!(error.contains("between"), "{error}");
        }
        assert!(PairingSession::load(&workspace.path, Timestamp::now()).unwrap().is_none());
    }

    #[test]
    fn a_workspace_without_a_database_has_no_devices_and_gets_none_by_asking() {
        let (folder, workspace) = workspace(&WorkspaceConfig::default());
        assert_eq!(list(&workspace).unwrap(), []);
        assert!(!revoke(&workspace, "mobile-1").unwrap().removed);
        assert!(!folder.path().join("workspace.db").exists());
    }
}
