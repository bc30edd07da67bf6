//! The real uv, from wherever it is installed, or else from PyPI.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::programs::target_folder;

/// The uv program. Where it isn't on `PATH`, it is installed from PyPI into the target folder, once.
///
/// # Panics
/// Where neither works; the message says what was tried.
#[must_use]
pub fn uv() -> &'static Path {
    static UV: OnceLock<PathBuf> = OnceLock::new();
    UV.get_or_init(|| if runs("uv") { "uv".into() } else { from_pypi() })
}

fn runs(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

fn from_pypi() -> PathBuf {
    let folder = target_folder().join("uv");
    let program = folder.join("bin").join(format!("uv{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        std::fs::create_dir_all(&folder).expect("a folder in the target folder");
        let lock = std::fs::File::create(folder.join("lock")).expect("a lock file");
        lock.lock().expect("one installation at a time");
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"])
            .arg(&folder)
            .arg("uv");
        let installed = pip.status().is_ok_and(|status| status.success());
        assert!(installed && program.is_file(), "no `uv` on `PATH`, and `python3 -m pip install uv` failed");
    }
    program
}
