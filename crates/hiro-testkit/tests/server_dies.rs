//! A server that is killed: the status says so, nothing of it stays for ever, and the next start cleans up.

use std::time::Duration;

use hiro_process::{Identity, is_running};
use hiro_testkit::{League, kill, until};

const CHANNELS: [&str; 2] = ["channel:default/devices", "channel:default/echo"];

/// The plugins of a server that was killed, still alive.
fn kill_server(league: &League) -> [Identity; 2] {
    let (server, plugins) = (league.process("server:default"), CHANNELS.map(|name| league.process(name)));
    kill(server.pid.get());
    league.until_state("server:default", "crashed");
    plugins
}

fn one_new_set_of_plugins(league: &League, old: &[Identity]) {
    assert!(old.iter().all(|plugin| !is_running(plugin)), "the old plugins have ended");
    CHANNELS.iter().for_each(|name| league.until_state(name, "ready"));
    assert_eq!(league.traces().len(), 4, "{:?}", league.traces());
}

#[test]
fn the_status_of_a_killed_server_is_crashed_and_nothing_claims_to_be_connected() {
    let league = League::that_is_up();
    kill_server(&league);
    let output = league.hiro(&["status", "server:default"]);
    assert_eq!(output.status, 4);
    assert!(output.stdout.contains("its process is gone"), "{output:?}");
    assert_eq!(league.row("server:default")["ws_connected"], false);
}

#[test]
fn the_next_start_ends_the_old_plugins_and_gives_exactly_one_new_set() {
    let league = League::that_is_up();
    let old = kill_server(&league);
    assert!(league.hiro(&["start"]).success().starts_with("Server started (PID "));
    one_new_set_of_plugins(&league, &old);
}

#[test]
fn the_next_up_does_so_too() {
    let league = League::that_is_up();
    let old = kill_server(&league);
    assert!(league.hiro(&["up", "--demo", "again"]).success().contains("[echo] again"));
    one_new_set_of_plugins(&league, &old);
}

#[test]
fn a_stop_ends_the_plugins_that_a_killed_server_has_left() {
    let league = League::that_is_up();
    let old = kill_server(&league);
    assert!(league.hiro(&["stop"]).success().contains("It had crashed: its process is gone"));
    assert!(old.iter().all(|plugin| !is_running(plugin)));
    CHANNELS.iter().for_each(|name| assert_eq!(league.state(name), "stopped"));
}

#[test]
fn plugins_of_a_killed_server_end_by_themselves_without_a_next_start() {
    let league = League::that_is_up();
    let plugins = kill_server(&league);
    until("the plugins to give up", Duration::from_secs(60), || {
        plugins.iter().all(|plugin| !is_running(plugin)).then_some(())
    });
    let error = league.row(CHANNELS[1])["last_error"].as_str().unwrap().to_owned();
    assert!(error.contains("there has been no server at `ws://127.0.0.1:"), "{error}");
    assert_eq!(league.state(CHANNELS[1]), "crashed");
}
