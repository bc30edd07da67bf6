//! Where stderr goes when the caller names no log: it never goes to nowhere, or a crash would leave no word.

use std::env;
use std::path::{Path, PathBuf};

use pyo3::PyResult;
use pyo3::exceptions::PyValueError;

/// `~/.hiro/logs/<program>.stderr.log`.
pub(crate) fn default_log(program: &Path) -> PyResult<PathBuf> {
    let home = env::home_dir().filter(|home| home.is_absolute()).ok_or_else(|| {
        PyValueError::new_err("there is no home folder for the log of stderr: give `stderr_log`")
    })?;
    let name = program.file_stem().unwrap_or(program.as_os_str()).to_string_lossy();
    Ok(home.join(".hiro/logs").join(format!("{name}.stderr.log")))
}
