//! macOS: a launch agent in the user's library, which launchd runs at the next login.

use std::env;
use std::path::PathBuf;

use super::AutostartError;
use super::entry::Entry;
use super::file;
use super::launch_agent;

/// The label of this way.
pub(super) const METHOD: &str = "launchd";

pub(super) fn register(entry: &Entry) -> Result<(), AutostartError> {
    file::write(&place(entry)?, &launch_agent::text(entry))
}

/// Whether it was registered.
pub(super) fn unregister(entry: &Entry) -> Result<bool, AutostartError> {
    file::delete(&place(entry)?)
}

pub(super) fn is_registered(entry: &Entry) -> Result<bool, AutostartError> {
    file::exists(&place(entry)?)
}

fn place(entry: &Entry) -> Result<PathBuf, AutostartError> {
    let home = env::home_dir().filter(|home| !home.as_os_str().is_empty());
    let home = home.ok_or(AutostartError::NoHome { variable: "HOME" })?;
    Ok(home.join("Library/LaunchAgents").join(format!("{}.plist", launch_agent::label(entry))))
}
