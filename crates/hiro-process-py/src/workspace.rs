//! Rule 1: where the uv workspace of the caller is, and the command that runs Python in it.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use pyo3::prelude::{PyAnyMethods, PyModuleMethods, PyResult, Python, pyfunction};

use crate::errors::to_python;

/// The nearest folder, from `start` upward (from this package's own file unless given), whose `pyproject.toml` has a
/// `[tool.uv.workspace]` table; None where there is none.
///
/// Nothing is remembered between calls. A `pyproject.toml` on the way that can't be read or understood is a `ValueError`
/// that names it.
#[pyfunction]
#[pyo3(signature = (start=None))]
pub(crate) fn find_workspace_root(py: Python<'_>, start: Option<PathBuf>) -> PyResult<Option<PathBuf>> {
    let start = begin(py, start)?;
    py.detach(|| hiro_process::find_workspace_root(&start)).map_err(to_python)
}

/// The command that runs Python for a child: `uv run --directory <workspace root> python`, with uv's whole path where
/// `PATH` does not lead to it.
///
/// Raises `FileNotFoundError` where there is no workspace, or no uv.
#[pyfunction]
#[pyo3(signature = (start=None))]
pub(crate) fn uv_python_cmd(py: Python<'_>, start: Option<PathBuf>) -> PyResult<Vec<OsString>> {
    let mut words = hiro_process::uv_python_cmd(&begin(py, start)?).map_err(to_python)?;
    if let Some(uv) = words.first_mut().filter(|uv| is_first_on_path(Path::new(uv))) {
        *uv = "uv".into();
    }
    Ok(words)
}

/// Where the search begins.
fn begin(py: Python<'_>, start: Option<PathBuf>) -> PyResult<PathBuf> {
    match start {
        Some(start) => {
            py.import("pathlib")?.getattr("Path")?.call1((start,))?.call_method0("resolve")?.extract()
        }
        None => py.import("hiro_process")?.filename()?.extract(),
    }
}

/// Whether a bare `uv` means that program.
fn is_first_on_path(uv: &Path) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let name = OsString::from(format!("uv{}", env::consts::EXE_SUFFIX));
    uv.file_name() == Some(OsStr::new(&name))
        && env::split_paths(&path).map(|folder| folder.join(&name)).find(|file| file.is_file()).as_deref()
            == Some(uv)
}
