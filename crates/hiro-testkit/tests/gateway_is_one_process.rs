//! However many commands meet, a gateway is one process, and no instance gets lost.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::HashSet;
use std::process::{Child, Stdio};

use hiro_testkit::{DESKTOP_KEY, Home, PATIENCE, free_port, until};

/// What each of the commands, all running at once, says on stdout; all of them succeed.
fn at_once(home: &Home, commands: &[Vec<String>]) -> Vec<String> {
    let begun: Vec<Child> = commands
        .iter()
        .map(|words| {
            let mut command = home.command("hirogate", words);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let ended = begun.into_iter().map(|child| child.wait_with_output().unwrap());
    ended
        .map(|output| {
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        })
        .collect()
}

#[test]
fn fifty_starts_at_once_give_one_process_and_49_times_already_running() {
    let home = Home::new();
    home.create_gateway("home");
    let said = at_once(&home, &vec![vec!["start".to_owned()]; 50]);
    let pid = home.gateway("home")["pid"].as_u64().unwrap();
    let already = format!("Gateway already running (PID {pid}).\n");
    let (already, started): (Vec<_>, Vec<_>) = said.into_iter().partition(|line| *line == already);
    assert_eq!((already.len(), started.len()), (49, 1));
    assert!(started[0].starts_with(&format!("Gateway started (PID {pid}). ")), "{started:?}");
    // Whoever else had tried to be the gateway would have left a line on stderr, or one in the log.
    let log = |name: &str| {
        std::fs::read_to_string(home.data("hirogate").join("instances/home").join(name)).unwrap()
    };
    assert_eq!((log("stderr.log").as_str(), log("logs/gateway.log").matches("listening").count()), ("", 1));
}

#[test]
fn six_instances_created_at_once_are_all_kept() {
    let home = Home::new();
    let mut ports = HashSet::new();
    while ports.len() < 6 {
        ports.insert(free_port());
    }
    let create = |port: &u16| {
        let name = format!("instance-{port}");
        ["instance", "create", &name, "--desktop-pubkey", DESKTOP_KEY, "-p", &port.to_string()]
            .map(str::to_owned)
            .to_vec()
    };
    at_once(&home, &ports.iter().map(create).collect::<Vec<_>>());
    for port in ports {
        assert_eq!(home.gateway(&format!("instance-{port}"))["port"], port);
    }
}

/// A shell reads `$(hirogate start)` until nobody has the pipe open any more.
#[test]
fn the_pipes_of_a_start_end_with_it() {
    let home = Home::new();
    home.create_gateway("home");
    // Reads both pipes to their end; the gateway lives on.
    home.run("hirogate", &["start"]).success();
    assert_eq!(home.gateway("home")["state"], "ready");
}

#[test]
fn a_second_foreground_process_is_refused_with_the_pid_of_the_first_which_stays_manageable() {
    let home = Home::new();
    home.create_gateway("home");
    let foreground = ["start", "--foreground", "home"];
    let mut first = home.command("hirogate", &foreground);
    let mut first = first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until("the gateway to be ready", PATIENCE, || (home.gateway("home")["state"] == "ready").then_some(()));
    let pid = first.id();
    let second = home.run("hirogate", &foreground);
    assert!(second.failure(1).starts_with(&format!("error: already running (PID {pid}): ")), "{second:?}");
    assert_eq!(home.gateway("home")["pid"], pid);
    let already = home.run("hirogate", &["start"]);
    assert_eq!(already.success(), format!("Gateway already running (PID {pid}).\n"));
    let stopped = home.run("hirogate", &["stop"]);
    assert_eq!(stopped.success(), format!("Gateway stopped (was PID {pid}).\n"));
    assert!(first.wait().unwrap().success());
    assert_eq!(home.gateway("home")["state"], "stopped");
}
