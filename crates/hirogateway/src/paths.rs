//! Where a user's data belong, by the rules that the Python packages follow (those of `platformdirs`).
//!
//! Nothing is created here and the environment comes in as a function, so that every rule can be tried anywhere.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The rules of one family of systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Convention {
    /// `$XDG_DATA_HOME`, else `~/.local/share`.
    Xdg,
    /// `$XDG_DATA_HOME`, else `~/Library/Application Support`.
    MacOs,
    /// `%WIN_PD_OVERRIDE_LOCAL_APPDATA%`, else `%LOCALAPPDATA%`, else `%USERPROFILE%\AppData\Local`.
    Windows,
}

/// The rules of the system that this program was built for.
#[cfg(windows)]
pub const NATIVE: Convention = Convention::Windows;
/// The rules of the system that this program was built for.
#[cfg(target_os = "macos")]
pub const NATIVE: Convention = Convention::MacOs;
/// The rules of the system that this program was built for.
#[cfg(not(any(windows, target_os = "macos")))]
pub const NATIVE: Convention = Convention::Xdg;

/// What [`NATIVE`] takes as the folder above that of a program's data, before anything else.
pub const BASE_VARIABLE: &str = if cfg!(windows) { "WIN_PD_OVERRIDE_LOCAL_APPDATA" } else { "XDG_DATA_HOME" };

/// The environment does not say where a user's data belong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no place for the data of `{app}`: the environment variable `{variable}` is not set")]
#[non_exhaustive]
pub struct NoDataFolder {
    /// The program whose data were looked for.
    pub app: String,
    /// The variable that should say it.
    pub variable: &'static str,
}

/// The folder for the data of `app`, which may not exist yet.
///
/// # Errors
/// [`NoDataFolder`] when neither the environment nor the user database knows the user's home.
///
/// # Platform-specific behavior
/// The rules are those of [`NATIVE`].
pub fn data_dir(app: &str) -> Result<PathBuf, NoDataFolder> {
    data_dir_by(NATIVE, app, |name| match name {
        // A service without `$HOME` still has a home in the user database.
        "HOME" => env::home_dir().map(PathBuf::into_os_string),
        _ => env::var_os(name),
    })
}

/// The folder for the data of `app` by the rules of `convention`, with `lookup` as the environment.
///
/// # Errors
/// [`NoDataFolder`] when `lookup` knows none of the variables that the rules ask for.
///
/// ```
/// use std::path::Path;
///
/// use hirogateway::paths::{Convention, data_dir_by};
///
/// let home = |name: &str| (name == "HOME").then(|| "/home/ada".into());
/// let folder = data_dir_by(Convention::Xdg, "hirogate", home)?;
/// assert_eq!(folder, Path::new("/home/ada/.local/share/hirogate"));
/// # Ok::<(), hirogateway::paths::NoDataFolder>(())
/// ```
pub fn data_dir_by(
    convention: Convention,
    app: &str,
    lookup: impl Fn(&str) -> Option<OsString>,
) -> Result<PathBuf, NoDataFolder> {
    let set = |name: &str| lookup(name).filter(|value| !is_blank(value)).map(PathBuf::from);
    let home = |below: &str| set("HOME").map(|home| home.join(below));
    let (base, variable) = match convention {
        Convention::Xdg => (set("XDG_DATA_HOME").or_else(|| home(".local/share")), "HOME"),
        Convention::MacOs => (set("XDG_DATA_HOME").or_else(|| home("Library/Application Support")), "HOME"),
        Convention::Windows => (
            set("WIN_PD_OVERRIDE_LOCAL_APPDATA")
                .or_else(|| set("LOCALAPPDATA"))
                // A service, or a shell over SSH, may be without: this is where that folder is unless it was moved.
                .or_else(|| set("USERPROFILE").map(|home| home.join("AppData").join("Local")))
                .map(normalized),
            "LOCALAPPDATA",
        ),
    };
    base.map(|base| base.join(app)).ok_or_else(|| NoDataFolder { app: app.to_owned(), variable })
}

fn is_blank(value: &OsString) -> bool {
    value.to_str().is_some_and(|text| text.trim().is_empty())
}

/// Without `.` and doubled or trailing separators.
fn normalized(path: PathBuf) -> PathBuf {
    Path::new(&path).components().collect()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::PathBuf;

    use super::{Convention, data_dir_by};

    fn folder(convention: Convention, environment: &[(&str, &str)]) -> Option<PathBuf> {
        let lookup = |name: &str| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        };
        data_dir_by(convention, "hirogate", lookup).ok()
    }

    #[test]
    fn xdg_data_home_comes_before_home() {
        for convention in [Convention::Xdg, Convention::MacOs] {
            let environment = [("XDG_DATA_HOME", "/data"), ("HOME", "/home/u")];
            assert_eq!(folder(convention, &environment), Some("/data/hirogate".into()));
        }
    }

    #[test]
    fn a_blank_xdg_data_home_counts_as_unset() {
        let environment = [("XDG_DATA_HOME", " \t"), ("HOME", "/home/u")];
        assert_eq!(folder(Convention::Xdg, &environment), Some("/home/u/.local/share/hirogate".into()));
        assert_eq!(
            folder(Convention::MacOs, &environment),
            Some("/home/u/Library/Application Support/hirogate".into())
        );
    }

    #[test]
    fn windows_takes_the_override_then_local_app_data_and_tidies_it() {
        let environment = [("LOCALAPPDATA", "/local//x/./")];
        assert_eq!(folder(Convention::Windows, &environment), Some("/local/x/hirogate".into()));
        let environment = [("WIN_PD_OVERRIDE_LOCAL_APPDATA", "/other"), ("LOCALAPPDATA", "/local")];
        assert_eq!(folder(Convention::Windows, &environment), Some("/other/hirogate".into()));
        let local = PathBuf::from("/home/ada").join("AppData").join("Local").join("hirogate");
        assert_eq!(folder(Convention::Windows, &[("USERPROFILE", "/home/ada")]), Some(local));
    }

    #[test]
    fn without_any_variable_there_is_no_folder() {
        for convention in [Convention::Xdg, Convention::MacOs, Convention::Windows] {
            assert_eq!(folder(convention, &[("HOME", "")]), None);
        }
    }
}
