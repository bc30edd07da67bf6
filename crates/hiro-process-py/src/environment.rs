//! From the environment that a Python caller asks for to the changes of a launch.
//!
//! Callers copy `os.environ` and change some of it. What such a copy holds unchanged counts as inherited, so that what a
//! debugger or a virtual environment left there doesn't reach the child; what the caller set counts as meant.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};

use hiro_process::{ALWAYS_SET, Launch};
use pyo3::prelude::{Bound, PyAnyMethods, PyListMethods, PyMappingMethods, PyResult};
use pyo3::types::PyMapping;

type Variables = BTreeMap<OsString, OsString>;

/// The launch with the environment `wanted`, or with the caller's own.
pub(crate) fn with_environment(launch: Launch, wanted: Option<&Bound<'_, PyMapping>>) -> PyResult<Launch> {
    let inherited: Variables = env::vars_os().collect();
    let wanted = wanted.map_or_else(|| Ok(inherited.clone()), variables)?;
    let launch = inherited
        .keys()
        .filter(|name| !wanted.contains_key(*name) && !is_always_set(name))
        .fold(launch, |launch, name| launch.without_variable(name));
    // The variables that every child is given are defaults to Python callers: any value of theirs wins.
    Ok(wanted
        .into_iter()
        .filter(|(name, value)| is_always_set(name) || inherited.get(name) != Some(value))
        .fold(launch, |launch, (name, value)| launch.variable(name, value)))
}

fn variables(mapping: &Bound<'_, PyMapping>) -> PyResult<Variables> {
    mapping.items()?.iter().map(|item| item.extract()).collect()
}

fn is_always_set(name: &OsStr) -> bool {
    ALWAYS_SET.iter().any(|(always, _)| name == *always)
}
