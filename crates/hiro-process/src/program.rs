//! From the name of a program to the absolute path of a file that can be run.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::sys;

/// The absolute path of `program`: a bare name is looked up on `PATH`, anything else is taken from the current folder.
pub(crate) fn resolve(program: &Path) -> Result<PathBuf, Error> {
    let missing = |source| Error::Spawn { program: program.to_owned(), source };
    if program.components().count() == 1 && !program.is_absolute() && !has_separator(program) {
        return find_on_path(program.as_os_str(), env::var_os("PATH").as_deref())
            .ok_or_else(|| missing(io::Error::new(io::ErrorKind::NotFound, "not found on `PATH`")));
    }
    std::path::absolute(program).map_err(missing)
}

/// The first file of that name on `path` that can be run.
pub(crate) fn find_on_path(name: &OsStr, path: Option<&OsStr>) -> Option<PathBuf> {
    env::split_paths(path?).filter(|folder| folder.is_absolute()).find_map(|folder| in_folder(&folder, name))
}

/// The program `name` in `folder`, with the suffix that programs have on this platform.
pub(crate) fn in_folder(folder: &Path, name: &OsStr) -> Option<PathBuf> {
    let mut file = name.to_os_string();
    // Not by its extension: `python3.13` has one of its own.
    if !name.to_string_lossy().to_lowercase().ends_with(env::consts::EXE_SUFFIX) {
        file.push(env::consts::EXE_SUFFIX);
    }
    Some(folder.join(file)).filter(|candidate| sys::is_executable(candidate))
}

fn has_separator(program: &Path) -> bool {
    program.as_os_str().as_encoded_bytes().iter().any(|byte| std::path::is_separator(char::from(*byte)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::resolve;
    use std::fs;
    use std::path::Path;

    /// Copies the test's own executable: on every platform the one file that certainly runs.
    pub(crate) fn executable(path: &Path) {
        fs::copy(std::env::current_exe().unwrap(), path).unwrap();
    }

    #[test]
    fn a_bare_name_that_is_nowhere_is_an_error_that_names_it() {
        let error = resolve(Path::new("no-such-program-anywhere")).unwrap_err();
        assert!(error.to_string().contains("no-such-program-anywhere"), "{error}");
    }

    #[test]
    fn a_path_with_a_folder_is_taken_from_the_current_one() {
        assert!(resolve(&Path::new("some").join("program")).unwrap().is_absolute());
    }
}
