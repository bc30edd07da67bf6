//! From the errors of the library to Python's: the types that callers of the original catch, with the library's words.

use std::io;
use std::path::Path;

use hiro_process::Error;
use pyo3::exceptions::{PyFileNotFoundError, PyOSError, PyRuntimeError, PyTimeoutError, PyValueError};
use pyo3::{PyErr, create_exception};

create_exception!(
    hiro_process,
    AlreadyRunningError,
    PyRuntimeError,
    "Another process of this instance lives; the message names it."
);

create_exception!(
    hiro_process,
    UnverifiableError,
    PyRuntimeError,
    "It can't be told whether the process runs: nothing was signalled and nothing removed."
);

/// The exception for an error of the library, with its hint.
pub(crate) fn to_python(error: Error) -> PyErr {
    let message = match error.hint() {
        Some(hint) => format!("{error} (hint: {hint})"),
        None => error.to_string(),
    };
    match error {
        Error::Io { path, source, .. } => os_error(&message, &path, &source),
        Error::Spawn { program, source } => os_error(&message, &program, &source),
        Error::Process { source, .. } => os_error(&message, Path::new(""), &source),
        Error::Busy { .. } => PyTimeoutError::new_err(message),
        Error::AlreadyRunning { .. } => AlreadyRunningError::new_err(message),
        Error::Unverifiable { .. } => UnverifiableError::new_err(message),
        Error::NoWorkspaceRoot { .. } | Error::UvMissing { .. } => PyFileNotFoundError::new_err(message),
        // What `tomllib` raises for such a file is a `ValueError`, too.
        Error::BrokenPyproject { .. } => PyValueError::new_err(message),
        _ => PyRuntimeError::new_err(message),
    }
}

/// The exception for a path that was to be written.
pub(crate) fn writing(path: &Path) -> impl FnOnce(io::Error) -> PyErr {
    move |source| os_error("could not write", path, &source)
}

/// `OSError` chooses its own subclass by the number: `FileNotFoundError`, `PermissionError`.
fn os_error(message: &str, path: &Path, source: &io::Error) -> PyErr {
    let message = format!("{message}: {source}");
    match source.raw_os_error() {
        // The fourth is for Windows, whose numbers aren't those of POSIX; other systems ignore it.
        Some(code) if path.as_os_str().is_empty() => PyOSError::new_err((code, message)),
        Some(code) => PyOSError::new_err((code, message, path.as_os_str().to_owned(), code)),
        None => io::Error::new(source.kind(), message).into(),
    }
}
