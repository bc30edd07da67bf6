//! A process number as Python gives it: an integer of any size and sign.

use hiro_process::Pid;
use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::{Bound, PyAny, PyAnyMethods, PyResult};

/// The PID that `number` is; `None` for an integer that is none on this machine: negative, zero, huge.
///
/// # Errors
/// `TypeError` for what is no integer.
pub(crate) fn to_pid(number: &Bound<'_, PyAny>) -> PyResult<Option<Pid>> {
    match number.extract::<u32>() {
        Ok(number) => Ok(Pid::try_from(number).ok()),
        Err(error) if error.is_instance_of::<PyOverflowError>(number.py()) => Ok(None),
        Err(error) => Err(error),
    }
}
