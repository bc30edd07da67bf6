//! POST /_restart and /_shutdown: what a client asks of a running server.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hiro_process::is_running;
use hiro_testkit::{League, PATIENCE, until};

const SERVER: &str = "server:default";
const CHANNELS: [&str; 2] = ["channel:default/devices", "channel:default/echo"];

#[test]
fn a_restart_gives_a_new_process_with_new_plugins_and_nobody_sees_stopped_or_crashed() {
    let league = League::that_is_up();
    let (server, plugins) = (league.process(SERVER), CHANNELS.map(|name| league.process(name)));
    let done = AtomicBool::new(false);
    let seen = thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let (mut seen, begun) = (HashSet::new(), Instant::now());
            while !done.load(Ordering::Acquire) && begun.elapsed() < PATIENCE {
                seen.insert(league.state(SERVER));
            }
            seen
        });
        assert!(league.post("/_restart", "{}").contains(r#"{"status":"restarting"}"#));
        until("the successor to be ready", PATIENCE, || {
            let row = league.row(SERVER);
            (row["state"] == "ready" && row["pid"] != server.pid.get()).then_some(())
        });
        done.store(true, Ordering::Release);
        watcher.join().unwrap()
    });
    let allowed = ["ready", "stopping", "starting"].map(str::to_owned);
    assert!(seen.is_subset(&HashSet::from(allowed)), "{seen:?}");
    assert!(!is_running(&server) && plugins.iter().all(|plugin| !is_running(plugin)));
    // The channels are registered again and the gateway is reached: a message goes all the way.
    assert!(league.hiro(&["up", "--demo", "again"]).success().contains("[echo] again"));
    assert_eq!(league.traces().len(), 4, "{:?}", league.traces());
}

#[test]
fn a_shutdown_ends_the_server_its_plugins_and_its_pid_file_in_time() {
    let league = League::that_is_up();
    let (server, plugins) = (league.process(SERVER), CHANNELS.map(|name| league.process(name)));
    assert!(league.post("/_shutdown", "").contains(r#"{"status":"shutting_down"}"#));
    // As long as the Python client waits before it sends SIGTERM and deletes the PID file.
    until("the server to be gone", Duration::from_secs(10), || (!is_running(&server)).then_some(()));
    assert!(plugins.iter().all(|plugin| !is_running(plugin)));
    assert!(!league.workspace().join("hiro.pid").exists());
    assert_eq!(league.state(SERVER), "stopped");
    CHANNELS.iter().for_each(|name| assert_eq!(league.state(name), "stopped"));
    league.home.run("hiro", &["gateway", "stop"]).success();
    assert_eq!(league.traces(), [""; 0]);
}

#[test]
fn a_stop_during_a_restart_ends_whichever_of_the_two_is_left() {
    let league = League::that_is_up();
    for _ in 0..5 {
        league.hiro(&["start"]).success();
        thread::scope(|scope| {
            scope.spawn(|| {
                let _ = league.post("/_restart", "{}");
            });
            league.hiro(&["stop"]).success();
        });
        league.hiro(&["stop"]).success();
        assert_eq!(league.state(SERVER), "stopped");
        assert_eq!(league.traces().len(), 1, "the gateway alone: {:?}", league.traces());
    }
}

#[test]
fn starts_stops_and_restarts_at_random_never_give_two_servers_and_leave_nothing() {
    let rounds: u32 = std::env::var("HIRO_STRESS_ROUNDS").map_or(3, |rounds| rounds.parse().unwrap());
    let league = League::that_is_up();
    for round in 0..rounds {
        let commands = ["start", "stop", "restart", "start", "stop", "restart"];
        thread::scope(|scope| {
            for command in commands {
                scope.spawn(|| league.hiro(&[command]).success().to_owned());
            }
        });
        // A second server, or anything of one, would be left over.
        league.hiro(&["stop"]).success();
        assert_eq!(league.traces().len(), 1, "round {round}, the gateway alone: {:?}", league.traces());
    }
    league.hiro(&["down"]).success();
    assert_eq!(league.traces(), [""; 0]);
}
