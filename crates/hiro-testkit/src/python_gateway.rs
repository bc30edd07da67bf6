//! The published Python gateway in a uv workspace, fetched from PyPI once per version into the target folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::programs::target_folder;
use crate::uv::uv;

/// A uv workspace whose environment has the published `hirogate` of that version, and which nothing has to be fetched for
/// any more.
///
/// # Panics
/// Where it can't be fetched.
#[must_use]
pub fn python_gateway(version: &str) -> PathBuf {
    let root = target_folder().join(format!("hirogate-workspace-{version}"));
    fs::create_dir_all(&root).expect("a folder in the target folder");
    let lock = File::create(root.join("lock")).expect("a lock file");
    lock.lock().expect("one installation at a time");
    if !root.join("done").is_file() {
        fs::write(root.join("pyproject.toml"), project(version)).expect("a file in the target folder");
        let mut sync = Command::new(uv());
        sync.args(["sync", "--quiet", "--directory"]).arg(&root).env("UV_PYTHON_DOWNLOADS", "never");
        let synced = sync.status().is_ok_and(|status| status.success());
        assert!(synced, "`hirogate` {version} can't be fetched");
        File::create(root.join("done")).expect("a file in the target folder");
    }
    root
}

/// The environment's interpreter.
#[must_use]
pub fn python_of(root: &Path) -> PathBuf {
    root.join(".venv").join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

fn project(version: &str) -> String {
    let packages = ["hirogate", "hiro-commons", "hiro-channel-sdk"];
    let pinned = packages.map(|package| format!("\"{package}=={version}\"")).join(", ");
    format!(
        "[project]\nname = \"gateways\"\nversion = \"1\"\nrequires-python = \">=3.11\"\n\
         dependencies = [{pinned}]\n\n[tool.uv]\npackage = false\n\n[tool.uv.workspace]\nmembers = []\n"
    )
}
