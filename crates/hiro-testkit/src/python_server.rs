//! The published Python server in a uv workspace, fetched from PyPI once into the target folder: `hirocli` 0.1.3, the one
//! version that there is, without the libraries of its agent, which no test needs and which are the most of it.
//!
//! It is the real server with its real command line. Without those libraries its agent ends with a line in the log, and
//! everything else, which is what the tests look at, goes on.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use crate::programs::target_folder;
use crate::uv::uv;

/// The version of `hirocli` that PyPI has.
pub const PYTHON_SERVER: &str = "0.1.3";

/// What `hirocli` names as its dependencies and needs for its agent only.
const LEFT_OUT: [&str; 12] = [
    "google-genai",
    "lameenc",
    "langchain",
    "langchain-anthropic",
    "langchain-community",
    "langchain-google-genai",
    "langchain-ollama",
    "langchain-openai",
    "langgraph",
    "langgraph-checkpoint-sqlite",
    "langmem",
    "openai",
];

/// A uv workspace whose environment has the published server and command line `hiro`, and which nothing has to be fetched
/// for any more.
///
/// # Panics
/// Where it can't be fetched.
#[must_use]
pub fn python_server() -> PathBuf {
    let root = target_folder().join(format!("hirocli-workspace-{PYTHON_SERVER}"));
    fs::create_dir_all(&root).expect("a folder in the target folder");
    let lock = File::create(root.join("lock")).expect("a lock file");
    lock.lock().expect("one installation at a time");
    if !root.join("done").is_file() {
        fs::write(root.join("pyproject.toml"), project()).expect("a file in the target folder");
        let mut sync = Command::new(uv());
        sync.args(["sync", "--quiet", "--directory"]).arg(&root).env("UV_PYTHON_DOWNLOADS", "never");
        let synced = sync.status().is_ok_and(|status| status.success());
        assert!(synced, "`hirocli` {PYTHON_SERVER} can't be fetched");
        File::create(root.join("done")).expect("a file in the target folder");
    }
    root
}

/// A requirement that holds on no platform takes the place of the real one.
fn project() -> String {
    let left_out = LEFT_OUT.map(|package| format!("\"{package}; sys_platform == 'none'\"")).join(", ");
    let packages = ["hirocli", "hirogate", "hiro-commons", "hiro-channel-sdk", "hiro-channel-devices"];
    let pinned = packages.map(|package| format!("\"{package}=={PYTHON_SERVER}\"")).join(", ");
    format!(
        "[project]\nname = \"servers\"\nversion = \"1\"\nrequires-python = \">=3.11\"\n\
         dependencies = [{pinned}]\n\n[tool.uv]\npackage = false\noverride-dependencies = [{left_out}]\n\n\
         [tool.uv.workspace]\nmembers = []\n"
    )
}
