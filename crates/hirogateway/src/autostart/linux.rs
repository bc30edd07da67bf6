//! Linux: a desktop entry in the folder from which desktops start what their user wants started.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use super::AutostartError;
use super::desktop_entry;
use super::entry::Entry;
use super::file;

/// The label of this way.
pub(super) const METHOD: &str = "xdg";

pub(super) fn register(entry: &Entry) -> Result<(), AutostartError> {
    file::write(&place(entry)?, &desktop_entry::text(entry)?)
}

/// Whether it was registered.
pub(super) fn unregister(entry: &Entry) -> Result<bool, AutostartError> {
    file::delete(&place(entry)?)
}

pub(super) fn is_registered(entry: &Entry) -> Result<bool, AutostartError> {
    file::exists(&place(entry)?)
}

fn place(entry: &Entry) -> Result<PathBuf, AutostartError> {
    let home = env::home_dir().map(PathBuf::into_os_string);
    let folder = folder(env::var_os("XDG_CONFIG_HOME"), home);
    let folder = folder.ok_or(AutostartError::NoHome { variable: "HOME" })?;
    Ok(folder.join(format!("{}.desktop", entry.name)))
}

/// By the XDG base directory specification, which has a relative path ignored.
fn folder(config_home: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let config_home = config_home.map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || home.filter(|home| !home.is_empty()).map(|home| PathBuf::from(home).join(".config"));
    config_home.or_else(home).map(|config| config.join("autostart"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_that_of_the_base_directory_specification() {
        let folder = |config: Option<&str>, home: Option<&str>| {
            folder(config.map(OsString::from), home.map(OsString::from))
        };
        let below_home = Some("/home/ada/.config/autostart".into());
        assert_eq!(folder(Some("/etc/ada"), Some("/home/ada")), Some("/etc/ada/autostart".into()));
        for config in [None, Some(""), Some("relative")] {
            assert_eq!(folder(config, Some("/home/ada")), below_home, "{config:?}");
        }
        assert_eq!(folder(None, Some("")), None);
    }
}
