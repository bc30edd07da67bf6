//! The page of what does not hold everywhere is compared with the sources: nothing is left out of it, and nothing is
//! in it that holds after all.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const PAGE: &str = include_str!("../PLATFORMS.md");

/// What a test calls that does not hold under Wine.
const ASKS_FOR_WINE: [&str; 3] = ["wine_lacks(", "tells_port_holders(", "taken_by_this_test("];

/// What a test calls that does not hold where the parent alone learns how a process ended.
const ASKS_WHO_IS_TOLD: &str = "exits_are_told_to_others(";

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] }).collect()
}

/// The files of all tests of the workspace, and what is in them.
fn sources() -> Vec<(PathBuf, String)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folders = fs::read_dir(crates).unwrap().map(|entry| entry.unwrap().path().join("tests"));
    let files = folders.flat_map(|folder| rust_files(&folder));
    let rust = files.filter(|path| path.extension().is_some_and(|suffix| suffix == "rs"));
    rust.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// The tests of the whole workspace: for each its attributes, its name, and its body.
fn tests() -> Vec<(String, String, String)> {
    let sources = sources();
    let items = sources.iter().flat_map(|(_, source)| source.split("\n}\n"));
    items.filter_map(|item| one_test(item.trim_start())).collect()
}

/// The test programs that are for POSIX as a whole: by their file, or by the folder of their `main.rs`.
fn posix_programs() -> impl Iterator<Item = String> {
    let posix = sources().into_iter().filter(|(_, source)| source.contains("\n#![cfg(unix)]\n"));
    posix.map(|(path, _)| match path.file_stem() {
        Some(stem) if stem != "main" => stem.to_string_lossy().into_owned(),
        _ => path.parent().and_then(Path::file_name).unwrap().to_string_lossy().into_owned(),
    })
}

/// An item of a file, if it is a test.
fn one_test(item: &str) -> Option<(String, String, String)> {
    let (attributes, rest) = item.split_once("#[test]\n")?;
    let (name, body) = rest.split_once("fn ")?.1.split_once('(')?;
    Some((attributes.to_owned(), name.to_owned(), body.to_owned()))
}

/// The first column of the table under a heading of the page.
fn listed(heading: &str) -> BTreeSet<String> {
    let (_, section) = PAGE.split_once(heading).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    rows.map(str::to_owned).collect()
}

fn named(tests: impl Iterator<Item = (String, String, String)>) -> BTreeSet<String> {
    tests.map(|(_, name, _)| name).collect()
}

#[test]
fn what_does_not_run_on_windows_is_listed() {
    let posix = tests().into_iter().filter(|(attributes, _, _)| attributes.contains("#[cfg(unix)]"));
    let all: BTreeSet<String> = named(posix).into_iter().chain(posix_programs()).collect();
    assert_eq!(all, listed("\n## Not on Windows\n"));
}

#[test]
fn what_does_not_hold_where_exits_are_not_told_is_listed() {
    let limited = tests().into_iter().filter(|(_, _, body)| body.contains(ASKS_WHO_IS_TOLD));
    assert_eq!(named(limited), listed("\n## Not on macOS, nor on Linux before 6.15\n"));
}

#[test]
fn what_does_not_hold_under_wine_is_listed() {
    let limited = |body: &str| ASKS_FOR_WINE.iter().any(|call| body.contains(call));
    assert_eq!(
        named(tests().into_iter().filter(|(_, _, body)| limited(body))),
        listed("\n## Not under Wine\n")
    );
}
