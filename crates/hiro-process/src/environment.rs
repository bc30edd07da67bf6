//! What a child inherits of its parent's environment, and what it must not.
//!
//! A debugger, a virtual environment or a launcher sets variables that are right for the parent and wrong for a child
//! with an interpreter of its own. The list stands here and nowhere else.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use crate::sys;

/// Variables that a child never inherits; an entry that ends in `*` stands for every name that begins like it.
///
/// Interpreter: `PYTHONPATH`, `PYTHONHOME`, `PYTHONSTARTUP`, `PYTHONEXECUTABLE`, `PYTHONBREAKPOINT`,
/// `PYTHONUSERBASE`, `PYTHONPLATLIBDIR`, `PYTHONSAFEPATH`, `__PYVENV_LAUNCHER__` (macOS framework launcher).
/// Virtual environments: `VIRTUAL_ENV*`, `CONDA_PREFIX`, `CONDA_DEFAULT_ENV`, `UV_RUN_RECURSION_DEPTH` (uv counts nested
/// runs and gives up). Debuggers: `PYDEVD_*`, `DEBUGPY_*`, `BUNDLED_DEBUGPY_PATH`, `VSCODE_DEBUGPY_*`,
/// `PYCHARM_*`, `IDE_PROJECT_ROOTS`, `COVERAGE_PROCESS_START`. Ours: `HIRO_LAUNCH_*`, which belongs to one launch.
pub const NEVER_INHERITED: &[&str] = &[
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "PYTHONEXECUTABLE",
    "PYTHONBREAKPOINT",
    "PYTHONUSERBASE",
    "PYTHONPLATLIBDIR",
    "PYTHONSAFEPATH",
    "__PYVENV_LAUNCHER__",
    "VIRTUAL_ENV*",
    "CONDA_PREFIX",
    "CONDA_DEFAULT_ENV",
    "UV_RUN_RECURSION_DEPTH",
    "PYDEVD_*",
    "DEBUGPY_*",
    "BUNDLED_DEBUGPY_PATH",
    "VSCODE_DEBUGPY_*",
    "PYCHARM_*",
    "IDE_PROJECT_ROOTS",
    "COVERAGE_PROCESS_START",
    "HIRO_LAUNCH_*",
];

/// What every child is given: Python children then write UTF-8 and keep nothing back in a buffer when they die.
pub const ALWAYS_SET: &[(&str, &str)] =
    &[("PYTHONUTF8", "1"), ("PYTHONIOENCODING", "utf-8"), ("PYTHONUNBUFFERED", "1")];

/// Changes that one launch makes, in the order given: `Some` sets, `None` removes.
pub(crate) type Changes = Vec<(OsString, Option<OsString>)>;

/// The environment of a child: the parent's less [`NEVER_INHERITED`], with [`ALWAYS_SET`], then the launch's own
/// changes, which win over both.
pub(crate) fn for_child(
    inherited: impl IntoIterator<Item = (OsString, OsString)>,
    changes: &Changes,
) -> BTreeMap<OsString, OsString> {
    let mut environment: BTreeMap<_, _> =
        inherited.into_iter().filter(|(name, _)| !is_never_inherited(name)).collect();
    environment.extend(ALWAYS_SET.iter().map(|(name, value)| ((*name).into(), (*value).into())));
    for (name, value) in changes {
        environment.retain(|existing, _| !sys::is_same_variable(existing, name));
        environment.extend(value.clone().map(|value| (name.clone(), value)));
    }
    environment
}

/// The environment that a child is given where its launch changes nothing: this process's less [`NEVER_INHERITED`], with
/// [`ALWAYS_SET`].
#[must_use]
pub fn child_environment() -> BTreeMap<OsString, OsString> {
    for_child(std::env::vars_os(), &Vec::new())
}

/// Names are compared without case: Windows does, and a lower-case `pythonpath` is nobody's.
fn is_never_inherited(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_ascii_uppercase();
    NEVER_INHERITED.iter().any(|entry| match entry.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == *entry,
    })
}

#[cfg(test)]
mod tests {
    use super::{Changes, for_child};
    use std::ffi::OsString;

    fn child_of(parent: &[(&str, &str)], changes: Changes) -> Vec<(String, String)> {
        let inherited = parent.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let text = |value: OsString| value.into_string().unwrap();
        for_child(inherited, &changes).into_iter().map(|(name, value)| (text(name), text(value))).collect()
    }

    #[test]
    fn a_debugger_and_a_venv_of_the_parent_leave_nothing_and_the_rest_stays() {
        let parent = [
            ("PYTHONPATH", "/debugger"),
            ("PYDEVD_USE_FRAME_EVAL", "NO"),
            ("DEBUGPY_RUNNING", "1"),
            ("VIRTUAL_ENV_PROMPT", "x"),
            ("HIRO_LAUNCH_ID", "another"),
            ("HOME", "/home/me"),
        ];
        let names: Vec<_> = child_of(&parent, vec![]).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["HOME", "PYTHONIOENCODING", "PYTHONUNBUFFERED", "PYTHONUTF8"]);
    }

    #[test]
    fn what_the_launch_says_wins_over_both_lists() {
        let changes = vec![
            ("PYTHONPATH".into(), Some("/mine".into())),
            ("PYTHONUTF8".into(), None),
            ("HOME".into(), None),
        ];
        let child = child_of(&[("PYTHONPATH", "/debugger"), ("HOME", "/home/me")], changes);
        assert!(child.contains(&("PYTHONPATH".into(), "/mine".into())));
        assert!(!child.iter().any(|(name, _)| name == "PYTHONUTF8" || name == "HOME"));
    }
}
