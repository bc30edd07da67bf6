//! Seconds as Python gives them, a float, and as Rust takes them.

use std::time::Duration;

use pyo3::PyResult;
use pyo3::exceptions::PyValueError;

/// Longer is for ever; a moment that far in the future can still be told.
const LONGEST: f64 = 1e9;

/// What is negative is no time at all.
///
/// # Errors
/// `ValueError` for what is no number.
pub(crate) fn from_seconds(seconds: f64) -> PyResult<Duration> {
    if seconds.is_nan() {
        return Err(PyValueError::new_err("not a number of seconds"));
    }
    Ok(Duration::from_secs_f64(seconds.clamp(0.0, LONGEST)))
}
