//! When two names are one variable's.

use std::ffi::OsStr;

pub(crate) fn is_same_variable(one: &OsStr, other: &OsStr) -> bool {
    one == other
}
