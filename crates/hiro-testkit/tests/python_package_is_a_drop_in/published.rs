//! Beside the published packages: whatever they offer is here, and takes what they take.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use hiro_testkit::{Stage, target_folder, uv};

use crate::scene::{fixture, import_from, package};

/// The last of the 0.1 and of the 0.2 versions, which differ.
const PUBLISHED: [&str; 2] = ["0.1.3", "0.2.0"];

#[test]
fn every_published_function_is_there_and_takes_the_same_parameters() {
    let stage = Stage::new();
    import_from(&package(&stage));
    for version in PUBLISHED {
        let compared = Command::new("python3")
            .arg(fixture("compare.py"))
            .arg(published(version))
            .env("HIRO_PROCESS_PACKAGE", package(&stage))
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        let (lacking, told) = (text(&compared.stdout), text(&compared.stderr));
        assert!(compared.status.success(), "{version}: {told}");
        assert!(told.parse::<usize>().unwrap() >= 15, "{version}: only {told} functions compared");
        assert_eq!(lacking, "", "{version}");
    }
}

/// The folder of a published `hiro-commons`, fetched from PyPI once.
fn published(version: &str) -> PathBuf {
    let folder = target_folder().join(format!("hiro-commons-{version}"));
    fs::create_dir_all(&folder).expect("a folder in the target folder");
    let lock = File::create(folder.join("lock")).expect("a lock file");
    lock.lock().expect("one installation at a time");
    if !folder.join("done").is_file() {
        let mut install = Command::new(uv());
        install.args(["pip", "install", "--quiet", "--no-deps", "--python", "python3", "--target"]);
        let status = install.arg(&folder).arg(format!("hiro-commons=={version}")).status();
        assert!(status.is_ok_and(|status| status.success()), "`hiro-commons` {version} can't be fetched");
        File::create(folder.join("done")).expect("a file in the target folder");
    }
    folder
}
