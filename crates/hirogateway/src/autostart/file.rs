//! Writes and deletes the one file that a registration is on POSIX.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use hiro_process::files::{self, Durability};

use super::AutostartError;

/// Replaces the file at `path`; its folder is created where it is missing.
pub(super) fn write(path: &Path, text: &str) -> Result<(), AutostartError> {
    if let Some(folder) = path.parent() {
        files::create_private_dir(folder).map_err(|source| refused("create the folder", folder, source))?;
    }
    files::replace(path, text.as_bytes(), Durability::Synced).map_err(|source| refused("write", path, source))
}

/// Whether there was one.
pub(super) fn delete(path: &Path) -> Result<bool, AutostartError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if is_absent(&error) => Ok(false),
        Err(error) => Err(refused("delete", path, error)),
    }
}

pub(super) fn exists(path: &Path) -> Result<bool, AutostartError> {
    match path.try_exists() {
        Err(error) if is_absent(&error) => Ok(false),
        told => told.map_err(|source| refused("look for", path, source)),
    }
}

/// Below what is no folder there is no file.
fn is_absent(error: &io::Error) -> bool {
    [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind())
}

fn refused(action: &'static str, path: &Path, source: io::Error) -> AutostartError {
    AutostartError::Io { action, place: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_with_its_folder_and_deleted_once() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("autostart").join("hirogate-home.desktop");
        assert!(!exists(&path).unwrap());
        for text in ["first", "second"] {
            write(&path, text).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert!(exists(&path).unwrap() && delete(&path).unwrap());
        assert!(!exists(&path).unwrap() && !delete(&path).unwrap());
    }

    #[test]
    fn a_folder_that_is_none_is_named_and_has_no_file() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config").join("hirogate-home.desktop");
        fs::write(home.path().join("config"), "").unwrap();
        let refused = write(&path, "text").unwrap_err();
        let expected = format!("could not create the folder `{}`", home.path().join("config").display());
        assert_eq!(refused.to_string(), expected);
        assert!(!exists(&path).unwrap() && !delete(&path).unwrap());
    }
}
