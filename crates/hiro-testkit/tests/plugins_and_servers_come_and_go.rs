//! Hours of a server's life in a minute: plugins that crash and servers that restart themselves, and nothing that is left
//! of them.
//!
//! `HIRO_SOAK_CRASHES` and `HIRO_SOAK_RESTARTS` set how many; the whole soak is 200 and 50.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;

use hiro_process::Identity;
use hiro_testkit::{
    League, PATIENCE, is_listed, kill, open_descriptors, resident_bytes, until, until_no_more_descriptors,
};
use hirocli::database::{ChannelPlugin, Database};
use serde_json::{Map, Value, json};

const SERVER: &str = "server:default";
const ECHO: &str = "channel:default/echo";

/// So much more memory may a server have after the soak: what its allocator keeps for the next time. Not looked at under
/// Wine, where a process's memory is Wine's, too.
const MORE_BYTES: u64 = 4 << 20;

fn rounds(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |rounds| rounds.parse().unwrap())
}

/// A league whose echo plugin is back at once and is never given up on, and whose server has done once what it will do
/// again.
fn league() -> League {
    let league = League::that_is_up();
    let rules = json!({"first_delay_ms": 1, "proven_after_ms": 0});
    let config = Map::from_iter([("supervision".to_owned(), rules)]);
    let echo = ChannelPlugin { config, ..ChannelPlugin::new("echo") };
    Database::open(&league.workspace()).unwrap().upsert_channel_plugin(&echo).unwrap();
    league.hiro(&["restart"]).success();
    league.hiro(&["up", "--demo", "at first"]).success();
    league.until_state(ECHO, "ready");
    league
}

/// What the server knows of the echo plugin.
fn account(league: &League) -> Value {
    let file = fs::read(league.workspace().join("supervision.json")).unwrap();
    serde_json::from_slice::<Value>(&file).unwrap()["children"][ECHO].clone()
}

/// Kills the echo plugin, and waits until it was started again and that is on record.
fn crash(league: &League, restarts: u64) -> Identity {
    let echo = until("a process of the echo plugin", PATIENCE, || {
        let record = hiro_process::Record::read(&league.channel("echo"))?;
        hiro_process::is_running(&record.identity()).then(|| record.identity())
    });
    kill(echo.pid.get());
    until("the plugin to be back", PATIENCE, || (account(league)["restarts"] == restarts).then_some(()));
    echo
}

#[test]
fn plugins_crash_and_come_back_and_cost_the_server_neither_descriptors_nor_memory() {
    let crashes = rounds("HIRO_SOAK_CRASHES", 20);
    let league = league();
    let server = league.process(SERVER).pid.get();
    let warm_up = 5;
    let mut gone: Vec<Identity> = (1..=warm_up).map(|restarts| crash(&league, restarts)).collect();
    league.until_state(ECHO, "ready");
    let (descriptors, memory) = (open_descriptors(server), resident_bytes(server));
    gone.extend((1..=crashes).map(|restarts| crash(&league, warm_up + restarts)));
    league.until_state(ECHO, "ready");
    assert!(gone.iter().all(|plugin| !is_listed(plugin.pid.get())), "not even a zombie");
    until_no_more_descriptors(server, descriptors);
    let after = resident_bytes(server);
    assert!(
        cfg!(windows) || after <= memory + MORE_BYTES,
        "{crashes} crashes: {memory} bytes before, {after} after"
    );
    assert!(league.hiro(&["demo", "still"]).success().contains("[echo] still"));
    league.hiro(&["down"]).success();
    assert_eq!(league.traces(), [""; 0]);
}

#[test]
fn servers_restart_themselves_and_leave_nothing_of_each_other() {
    let restarts = rounds("HIRO_SOAK_RESTARTS", 5);
    let league = league();
    let mut server = league.process(SERVER);
    let (descriptors, memory) = (open_descriptors(server.pid.get()), resident_bytes(server.pid.get()));
    for _ in 0..restarts {
        assert!(league.post("/_restart", "{}").contains("restarting"));
        let before = server;
        server = until("the successor to be ready", PATIENCE, || {
            let row = league.row(SERVER);
            (row["state"] == "ready" && row["pid"] != before.pid.get()).then(|| league.process(SERVER))
        });
        league.until_state(ECHO, "ready");
        league.until_state("channel:default/devices", "ready");
        assert_eq!(league.traces().len(), 4, "{:?}", league.traces());
    }
    assert!(league.hiro(&["up", "--demo", "again"]).success().contains("[echo] again"));
    until_no_more_descriptors(server.pid.get(), descriptors);
    let after = resident_bytes(server.pid.get());
    assert!(
        cfg!(windows) || after <= memory + MORE_BYTES,
        "{restarts} restarts: {memory} bytes at first, {after} at last"
    );
    league.hiro(&["down"]).success();
    assert_eq!(league.traces(), [""; 0]);
}
