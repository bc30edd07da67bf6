//! A real Chromium without a window, with a profile of its own. `evil.example` means this machine to it.

use std::env;
use std::fs::{self, File};
use std::process::{Child, Command, Stdio};

use hiro_testkit::{PATIENCE, Stage, until};
use tempfile::TempDir;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

const SWITCHES: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP evil.example 127.0.0.1",
];

/// A browser that has a page open, until it is dropped.
pub(crate) struct Browser {
    process: Child,
    folder: TempDir,
}

impl Browser {
    /// Opens the page at `url`, and stays there.
    pub(crate) fn open(stage: &Stage, url: &str) -> Self {
        Self::run(stage, &["--remote-debugging-port=0", url])
    }

    fn run(stage: &Stage, words: &[&str]) -> Self {
        let folder = tempfile::tempdir_in(stage.folder()).unwrap();
        let mut command = browser();
        command.args(SWITCHES).arg(format!("--user-data-dir={}", folder.path().join("profile").display()));
        command.args(words).stdin(Stdio::null()).stderr(Stdio::null());
        // It leaves files in its home, too.
        command.env("HOME", folder.path()).stdout(File::create(folder.path().join("dom")).unwrap());
        Self { process: command.spawn().expect("Debian's package `chromium`"), folder }
    }
}

/// By any of the names under which systems have it.
fn browser() -> Command {
    let path = env::var_os("PATH").unwrap_or_default();
    let is_there = |name: &&&str| env::split_paths(&path).any(|folder| folder.join(name).is_file());
    Command::new(NAMES.iter().find(is_there).unwrap_or(&NAMES[0]))
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _collected = self.process.wait();
    }
}

/// What the browser shows at `url`, as text.
pub(crate) fn shown(stage: &Stage, url: &str) -> String {
    let mut browser = Browser::run(stage, &["--dump-dom", url]);
    let ended = until("the browser to end", 3 * PATIENCE, || browser.process.try_wait().unwrap());
    assert!(ended.success(), "{ended}");
    fs::read_to_string(browser.folder.path().join("dom")).unwrap()
}
