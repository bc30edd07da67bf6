//! What can go wrong around a server that no other file of these tests has: a damaged row, a stop during a start, a file
//! that can't be written.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::process::Stdio;

use hiro_testkit::{League, PATIENCE, until};
use hirocli::database::{ChannelPlugin, Database};

const SERVER: &str = "server:default";

/// A league whose server does not run.
fn without_server() -> League {
    let league = League::that_is_up();
    league.hiro(&["stop"]).success();
    league
}

fn server_log(league: &League) -> String {
    fs::read_to_string(league.workspace().join("stderr.log")).unwrap()
}

#[test]
fn a_damaged_row_is_reported_and_the_other_channels_run() {
    let league = without_server();
    let database = Database::open(&league.workspace()).unwrap();
    database.upsert_channel_plugin(&ChannelPlugin::new("broken")).unwrap();
    drop(database);
    let sqlite = rusqlite::Connection::open(league.workspace().join("workspace.db")).unwrap();
    let changed = sqlite.execute("UPDATE channel_plugins SET command = '[' WHERE name = 'broken'", []);
    assert_eq!(changed.unwrap(), 1);
    drop(sqlite);
    assert!(league.up().success().contains("channel:default/echo"));
    assert!(league.hiro(&["demo", "still"]).success().contains("[echo] still"));
    let log = server_log(&league);
    assert!(log.contains("damaged") && log.contains("broken"), "{log}");
}

#[test]
fn a_database_that_is_none_is_named_and_left_alone() {
    let league = without_server();
    let database = league.workspace().join("workspace.db");
    for beside in ["-wal", "-shm"] {
        let _ = fs::remove_file(league.workspace().join(format!("workspace.db{beside}")));
    }
    fs::write(&database, "no database, and longer than a header of one hundred bytes ".repeat(4)).unwrap();
    let before = fs::read(&database).unwrap();
    let refused = league.hiro(&["start"]);
    assert!(refused.failure(1).contains("workspace.db"), "{refused:?}");
    assert_eq!(fs::read(&database).unwrap(), before);
    assert_eq!(league.traces().len(), 1, "the gateway alone: {:?}", league.traces());
}

#[test]
fn a_stop_during_a_start_leaves_either_a_server_or_nothing_and_the_next_stop_leaves_nothing() {
    let league = without_server();
    for round in 0..5 {
        let mut start = league.home.command("hiro", &["start"]);
        let mut start = start.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // From the moment that anything of it can be seen.
        until("a sign of the start", PATIENCE, || {
            let ended = start.try_wait().unwrap().is_some();
            (ended || league.workspace().join("hiro.pid.json").exists()).then_some(())
        });
        league.hiro(&["stop"]).success();
        start.wait().unwrap();
        league.hiro(&["stop"]).success();
        assert_eq!(league.state(SERVER), "stopped", "round {round}");
        assert_eq!(league.traces().len(), 1, "round {round}, the gateway alone: {:?}", league.traces());
    }
    assert!(league.hiro(&["start"]).success().starts_with("Server started (PID "));
}

/// Sets a limit to the size of files and becomes another program. Python ignores the signal that comes with the limit, and
/// so does what it becomes: a write beyond it fails, as it does on a full disk.
#[cfg(unix)]
const ON_A_FULL_DISK: &str = "import os, resource, sys; size = int(sys.argv[1]); \
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)); os.execv(sys.argv[2], sys.argv[2:])";

/// The server in the foreground, on a disk that is full as soon as a file has so many bytes.
#[cfg(unix)]
fn limited_server(league: &League, bytes: u32) -> std::process::Child {
    let server = league.home.command("hiro", &["start", "--foreground"]);
    let mut limited = std::process::Command::new("python3");
    limited
        .args(["-c", ON_A_FULL_DISK, &bytes.to_string()])
        .arg(server.get_program())
        .args(server.get_args());
    for (name, value) in server.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    limited.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[cfg(unix)]
#[test]
fn a_server_whose_disk_is_full_pairs_nobody_goes_on_serving_and_has_lost_nothing_afterwards() {
    let league = without_server();
    // Room for a record and a line in a log; the database is longer already.
    let mut server = limited_server(&league, 8 * 1024);
    league.until_state(SERVER, "ready");
    assert!(league.up().success().contains("channel:default/echo"));
    let refused = league.hiro(&["demo", "hello"]);
    assert!(refused.failure(1).contains("rejected"), "{refused:?}");
    assert!(league.get("/status").contains("\"running\":true"));
    league.hiro(&["stop"]).success();
    assert!(server.wait().unwrap().success());
    assert!(league.up().success().contains("channel:default/echo"));
    assert!(league.hiro(&["demo", "again"]).success().contains("[echo] again"));
}

/// What a full disk comes to everywhere: a file that can't be replaced, here because a folder has its name.
#[test]
fn a_server_that_can_not_write_one_of_its_files_says_which_and_nothing_of_it_is_left() {
    let league = without_server();
    for file in ["hiro.pid.json", "state.json"] {
        let path = league.workspace().join(file);
        let _ = fs::remove_file(&path);
        fs::create_dir(&path).unwrap();
        let refused = league.hiro(&["start"]);
        assert!(refused.failure(1).contains(file), "{refused:?}");
        assert_eq!(league.traces().len(), 1, "the gateway alone: {:?}", league.traces());
        fs::remove_dir(&path).unwrap();
        league.hiro(&["start"]).success();
        assert_eq!(league.state(SERVER), "ready");
        league.hiro(&["stop"]).success();
    }
}
