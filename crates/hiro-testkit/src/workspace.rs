//! A uv workspace in a test's folder, with an environment whose interpreter is a stand-in if there is no real one.

use std::fs;
use std::path::{Path, PathBuf};

use crate::programs::program;

/// The folder of programs in a virtual environment, and the interpreter's name there.
const PYTHON: &str = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };

/// Copies the workspace of the fixtures to `root`. Its interpreter is whichever uv finds.
///
/// # Panics
/// Where it can't be copied.
pub fn uv_workspace(root: &Path) {
    copy_tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/uv-workspace"), root);
}

/// The same, with the stand-in as its interpreter, whose path is returned.
///
/// # Panics
/// Where it can't be copied.
#[must_use]
pub fn uv_workspace_with_stand_in(root: &Path) -> PathBuf {
    uv_workspace(root);
    let environment = root.join(".venv");
    let interpreter = environment.join(PYTHON);
    for folder in [&environment.join("site-packages"), interpreter.parent().expect("it is in a folder")] {
        fs::create_dir_all(folder).expect("a folder of the test's own");
    }
    let home = interpreter.parent().expect("it is in a folder").display();
    let settings = format!("home = {home}\nimplementation = CPython\nversion_info = 3.11.7\n");
    fs::write(environment.join("pyvenv.cfg"), settings).expect("a file of the test's own");
    fs::copy(program("stand-in-python"), &interpreter).expect("a copy of the stand-in");
    interpreter
}

/// Copies a folder with everything in it.
///
/// # Panics
/// Where it can't be copied.
pub fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder of the test's own");
    for entry in fs::read_dir(from).expect("the fixture") {
        let entry = entry.expect("an entry of the fixture");
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy_tree(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).expect("a copy")),
        }
    }
}
