//! Rule 1: a Python child runs as `uv run --directory <workspace root> python …`. Where the root is, and where uv is.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::{program, sys};

/// A `pyproject.toml` larger than this is not read.
const LARGEST_PYPROJECT: u64 = 4 * 1024 * 1024;

/// The nearest folder, from `start` upward, whose `pyproject.toml` has a `[tool.uv.workspace]` table; `None` where
/// there is none. Nothing is remembered between calls: two starts may have two roots.
///
/// # Errors
/// [`Error::BrokenPyproject`] names a `pyproject.toml` on the way that can't be read or understood: skipping it could
/// pick a root further up that is not meant.
pub fn find_workspace_root(start: &Path) -> Result<Option<PathBuf>, Error> {
    let start = std::path::absolute(start).map_err(Error::io("find", start))?;
    for folder in start.ancestors() {
        if declares_workspace(&folder.join("pyproject.toml"))? {
            return Ok(Some(folder.to_owned()));
        }
    }
    Ok(None)
}

/// The command that runs Python for a program at `start`: uv's absolute path, `run --directory <workspace root>
/// python`.
///
/// # Errors
/// No workspace at `start` or above it, a broken `pyproject.toml` on the way, or no uv.
pub fn uv_python_cmd(start: &Path) -> Result<Vec<OsString>, Error> {
    let root =
        find_workspace_root(start)?.ok_or_else(|| Error::NoWorkspaceRoot { start: start.to_owned() })?;
    let mut words = uv_run_cmd(&root)?;
    words.push("python".into());
    Ok(words)
}

/// `uv run --directory <root>`, before the program.
pub(crate) fn uv_run_cmd(root: &Path) -> Result<Vec<OsString>, Error> {
    let root = std::path::absolute(root).map_err(Error::io("find", root))?;
    Ok(vec![find_uv(|name| env::var_os(name))?.into(), "run".into(), "--directory".into(), root.into()])
}

/// uv: what `UV` names, or the first on `PATH`, or in one of the folders that its installers use.
fn find_uv(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, Error> {
    let named = variable("UV").filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = named.filter(|path| sys::is_executable(path)) {
        return std::path::absolute(&path).map_err(Error::io("find", &path));
    }
    if let Some(found) = program::find_on_path(OsStr::new("uv"), variable("PATH").as_deref()) {
        return Ok(found);
    }
    let looked_in = install_folders(variable);
    looked_in
        .iter()
        .find_map(|folder| program::in_folder(folder, OsStr::new("uv")))
        .ok_or(Error::UvMissing { looked_in })
}

/// Where uv's installers put it, in their own order, then cargo's folder.
fn install_folders(variable: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let folder = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = folder("HOME").or_else(|| folder("USERPROFILE"));
    let below_home = |path: &str| home.as_ref().map(|home| home.join(path));
    [
        folder("UV_INSTALL_DIR"),
        folder("XDG_BIN_HOME"),
        folder("XDG_DATA_HOME").and_then(|data| Some(data.parent()?.join("bin"))),
        below_home(".local/bin"),
        folder("CARGO_HOME").map(|cargo| cargo.join("bin")),
        below_home(".cargo/bin"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn declares_workspace(pyproject: &Path) -> Result<bool, Error> {
    let broken = |reason: String| Error::BrokenPyproject { path: pyproject.to_owned(), reason };
    let text = match fs::metadata(pyproject) {
        Ok(found) if found.len() > LARGEST_PYPROJECT => return Err(broken("it is larger than 4 MiB".into())),
        Ok(_) => fs::read_to_string(pyproject).map_err(|error| broken(error.to_string()))?,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(false);
        }
        Err(error) => return Err(broken(error.to_string())),
    };
    let document: toml::Table =
        toml::from_str(&text).map_err(|error| broken(error.to_string().trim().to_owned()))?;
    let workspace = document.get("tool").and_then(|tool| tool.get("uv")).and_then(|uv| uv.get("workspace"));
    Ok(workspace.is_some_and(toml::Value::is_table))
}

#[cfg(test)]
mod tests {
    use super::{find_uv, find_workspace_root, install_folders};
    use crate::error::Error;
    use std::ffi::OsString;
    use std::fs;
    use std::path::{Path, PathBuf};

    const WORKSPACE: &str = "[project]\nname = 'root'\n[tool.uv.workspace]\nmembers = ['a']\n";

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn the_nearest_workspace_above_is_the_root_and_two_starts_have_two_roots() {
        let folder = tree(&[
            ("one/pyproject.toml", WORKSPACE),
            ("one/a/pyproject.toml", "[project]\nname = 'a'\n"),
            ("two/pyproject.toml", WORKSPACE),
        ]);
        let root = |start: &str| find_workspace_root(&folder.path().join(start)).unwrap();
        assert_eq!(root("one/a/src"), Some(folder.path().join("one")));
        assert_eq!(root("two"), Some(folder.path().join("two")));
    }

    #[test]
    fn a_broken_pyproject_on_the_way_is_named_with_its_line() {
        let folder = tree(&[("pyproject.toml", WORKSPACE), ("a/pyproject.toml", "[project]\nname = \n")]);
        let error = find_workspace_root(&folder.path().join("a")).unwrap_err();
        let Error::BrokenPyproject { path, reason } = error else { panic!("{error}") };
        assert_eq!(path, folder.path().join("a/pyproject.toml"));
        assert!(reason.contains("line 2"), "{reason}");
    }

    #[test]
    fn uv_is_what_the_variable_names_then_the_path_then_the_install_folders() {
        let exe = std::env::consts::EXE_SUFFIX;
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str| {
            let path = folder.path().join(format!("{name}{exe}"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            crate::program::tests::executable(&path);
            path
        };
        let (named, on_path, installed) = (put("named/my-uv"), put("path/uv"), put("home/.local/bin/uv"));
        let look = |uv: &Path, path: &str| {
            let (uv, path) = (OsString::from(uv), folder.path().join(path));
            let home = folder.path().join("home");
            find_uv(|name| match name {
                "UV" => Some(uv.clone()),
                "PATH" => Some(path.clone().into()),
                "HOME" => Some(home.clone().into()),
                _ => None,
            })
            .unwrap()
        };
        assert_eq!(look(&named, "path"), named);
        assert_eq!(look(Path::new("/nowhere/uv"), "path"), on_path);
        assert_eq!(look(Path::new(""), "empty"), installed);
    }

    #[test]
    fn a_missing_uv_says_where_it_was_looked_for_and_what_to_do() {
        let error = find_uv(|name| (name == "HOME").then(|| "/nowhere".into())).unwrap_err();
        assert!(error.to_string().contains(".local"), "{error}");
        assert!(error.hint().unwrap().contains("install uv"));
        assert_eq!(install_folders(|_| None), Vec::<PathBuf>::new());
    }
}
