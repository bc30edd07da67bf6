//! Where the programs under test are: beside the test itself, in the folder that cargo builds into.

use std::path::PathBuf;

/// The program `name` of this workspace, built by the same command as the test.
///
/// # Panics
/// Where it isn't there: the tests were built alone.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let folder = target_folder();
    let path = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(path.is_file(), "`{}` is missing: run the tests with `cargo test --workspace`", path.display());
    path
}

/// The folder of cargo's profile, in which the programs are.
///
/// # Panics
/// Where the caller was not built by cargo.
#[must_use]
pub fn target_folder() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own file");
    let folder = test.parent().and_then(|deps| deps.parent()).expect("tests are built into `deps`");
    folder.to_owned()
}
