//! `hiro down`: nothing is left, also after crashes, and where nothing was nothing is made.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::path::{Path, PathBuf};

use hiro_process::{Identity, is_running};
use hiro_testkit::{League, PATIENCE, kill, until};

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn pid_files(league: &League) -> Vec<PathBuf> {
    let all = files(league.home.folder()).into_iter();
    all.filter(|path| path.extension().is_some_and(|extension| extension == "pid")).collect()
}

fn end(process: &Identity) {
    kill(process.pid.get());
    until("the end of what was killed", PATIENCE, || (!is_running(process)).then_some(()));
}

#[test]
fn down_leaves_no_process_and_no_pid_file() {
    let league = League::that_is_up();
    assert_eq!((league.traces().len(), pid_files(&league).len()), (4, 4));
    let output = league.hiro(&["down"]);
    assert!(output.success().contains("server:default stopped (was PID "), "{output:?}");
    assert_eq!(league.traces(), [""; 0]);
    assert!(pid_files(&league).is_empty(), "{:?}", pid_files(&league));
    let again = league.hiro(&["down"]);
    assert!(again.success().contains("gateway:default is not running."), "{again:?}");
}

#[test]
fn down_clears_up_after_a_server_and_a_gateway_that_were_killed() {
    let league = League::that_is_up();
    end(&league.process("server:default"));
    end(&league.process("gateway:default"));
    let output = league.hiro(&["down"]);
    assert!(output.success().contains("It had crashed: its process is gone"), "{output:?}");
    assert_eq!(league.traces(), [""; 0]);
    assert!(pid_files(&league).is_empty(), "{:?}", pid_files(&league));
    assert!(league.processes().is_empty());
}

#[test]
fn what_stops_or_looks_makes_nothing() {
    let league = League::new();
    for words in [["stop", "--json"], ["down", "--json"], ["status", "--json"]] {
        league.hiro(&words).success();
    }
    assert!(league.hiro(&["stop"]).success().contains("Server is not running."));
    assert!(files(league.home.folder()).is_empty(), "{:?}", files(league.home.folder()));
    assert!(!league.home.data("hiro").exists() && !league.home.data("hirogate").exists());
}

#[test]
fn one_registry_that_is_damaged_does_not_keep_the_rest_from_going_down() {
    let league = League::that_is_up();
    let registry = league.home.data("hiro").join("registry.json");
    let whole = std::fs::read(&registry).unwrap();
    std::fs::write(&registry, "{\n  \"workspaces\": ").unwrap();
    let output = league.hiro(&["down"]);
    assert!(output.failure(1).contains("registry.json` is damaged at line 2"), "{output:?}");
    assert!(output.stdout.contains("gateway:default stopped"), "{output:?}");
    std::fs::write(&registry, whole).unwrap();
    league.hiro(&["down"]).success();
    assert_eq!(league.traces(), [""; 0]);
}
