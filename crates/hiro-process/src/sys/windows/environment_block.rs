//! The environment as `CreateProcessW` takes it, and when two variables are one: pure functions.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::windows::ffi::OsStrExt;

use windows_sys::Win32::Globalization::{
    CSTR_EQUAL, CSTR_GREATER_THAN, CSTR_LESS_THAN, CompareStringOrdinal,
};

const EQUALS: u16 = b'=' as u16;

/// `NAME=value`, each with a null behind it, in the order that Windows asks for, and one more null.
pub(super) fn environment_block(variables: &BTreeMap<OsString, OsString>) -> io::Result<Vec<u16>> {
    let mut sorted: Vec<(&OsString, &OsString)> = variables.iter().collect();
    sorted.sort_by(|(one, _), (other, _)| compare(one, other));
    let mut block = Vec::new();
    for (name, value) in sorted {
        let (name, value): (Vec<u16>, Vec<u16>) =
            (name.encode_wide().collect(), value.encode_wide().collect());
        // The shell keeps the current folder of each drive in variables whose names begin with an equals sign.
        let is_name = !name.is_empty() && !name[1..].contains(&EQUALS);
        if !is_name || name.contains(&0) || value.contains(&0) {
            let reason = format!("`{}` can't be a variable", String::from_utf16_lossy(&name));
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        block.extend(name);
        block.push(EQUALS);
        block.extend(value);
        block.push(0);
    }
    // An empty block is two nulls.
    if block.is_empty() {
        block.push(0);
    }
    block.push(0);
    Ok(block)
}

/// Whether two names are one variable's: `Path` is `PATH`.
pub(crate) fn is_same_variable(one: &OsStr, other: &OsStr) -> bool {
    compare(one, other) == Ordering::Equal
}

/// By code units, without case and without a language.
fn compare(one: &OsStr, other: &OsStr) -> Ordering {
    let (one, other): (Vec<u16>, Vec<u16>) = (one.encode_wide().collect(), other.encode_wide().collect());
    let length = |units: &[u16]| i32::try_from(units.len()).unwrap_or(i32::MAX);
    // SAFETY: both texts live through the call and have at least as many units as is said.
    match unsafe { CompareStringOrdinal(one.as_ptr(), length(&one), other.as_ptr(), length(&other), 1) } {
        CSTR_LESS_THAN => Ordering::Less,
        CSTR_EQUAL => Ordering::Equal,
        CSTR_GREATER_THAN => Ordering::Greater,
        _ => one.cmp(&other),
    }
}

#[cfg(test)]
mod tests {
    use super::{environment_block, is_same_variable};
    use std::collections::BTreeMap;
    use std::ffi::{OsStr, OsString};

    fn block(variables: &[(&str, &str)]) -> Result<String, String> {
        let variables: BTreeMap<OsString, OsString> =
            variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        environment_block(&variables)
            .map(|block| String::from_utf16(&block).unwrap())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn names_are_sorted_without_case_and_the_block_ends_in_two_nulls() {
        let variables = [("b", "2"), ("A", "1"), ("C_", "ü"), ("=C:", r"C:\a"), ("CA", "")];
        assert_eq!(block(&variables).unwrap(), "=C:=C:\\a\0A=1\0b=2\0CA=\0C_=ü\0\0");
        assert_eq!(block(&[]).unwrap(), "\0\0");
    }

    #[test]
    fn what_would_become_two_variables_is_refused() {
        for variables in [[("A=B", "1")], [("", "1")], [("A", "1\0B=2")], [("A\0", "1")]] {
            assert!(block(&variables).is_err(), "{variables:?}");
        }
    }

    #[test]
    fn a_name_is_the_same_in_either_case() {
        assert!(is_same_variable(OsStr::new("Path"), OsStr::new("PATH")));
        assert!(!is_same_variable(OsStr::new("Path"), OsStr::new("PATHEXT")));
    }
}
