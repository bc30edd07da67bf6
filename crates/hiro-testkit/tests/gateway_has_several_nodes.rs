//! Several gateway processes as one gateway: what the command line has to do with it. What goes from node to node is shown
//! in the relay's own tests.
//!
//! POSIX only: there is no `nats-server` for Windows in CI.

#![cfg(unix)]

use hiro_testkit::{Home, Nats, PATIENCE, free_port, kill, until};

/// Waits until the gateway has logged it so often.
fn until_logged(home: &Home, name: &str, words: &str, times: usize) {
    until(&format!("`{words}` in the log of `{name}`"), PATIENCE, || {
        let log = home.run("hirogate", &["logs", name, "-n", "1000"]);
        (log.success().matches(words).count() >= times).then_some(())
    });
}

#[test]
fn two_instances_with_one_key_and_one_bus_find_each_other_and_notice_when_one_is_killed() {
    let (home, nats) = (Home::new(), Nats::started());
    for name in ["one", "other"] {
        home.create_gateway(name);
        home.run("hirogate", &["start", name, "--bus", &nats.url()]).success();
    }
    until_logged(&home, "one", "another node is there", 1);
    until_logged(&home, "other", "another node is there", 1);
    kill(u32::try_from(home.gateway("other")["pid"].as_u64().unwrap()).unwrap());
    until_logged(&home, "one", "another node has been silent for too long", 1);
    // A node that is stopped says goodbye.
    home.run("hirogate", &["start", "other", "--bus", &nats.url()]).success();
    until_logged(&home, "one", "another node is there", 2);
    home.run("hirogate", &["stop", "other"]).success();
    until_logged(&home, "one", "another node has gone", 1);
}

#[test]
fn a_gateway_whose_bus_is_away_is_ready_all_the_same() {
    let home = Home::new();
    home.create_gateway("home");
    home.run("hirogate", &["start", "--bus", &format!("nats://127.0.0.1:{}", free_port())]).success();
    assert_eq!(home.gateway("home")["state"], "ready");
}

#[test]
fn a_password_has_no_place_among_the_arguments_and_is_not_shown() {
    let home = Home::new();
    home.create_gateway("home");
    let refused = home.run("hirogate", &["start", "--bus", "nats://ada:secret@127.0.0.1:4222"]);
    assert!(refused.failure(2).contains("HIROGATE_BUS"), "{refused:?}");
    let port = free_port();
    let mut command = home.command("hirogate", &["start"]);
    command.env("HIROGATE_BUS", format!("nats://ada:secret@127.0.0.1:{port}"));
    hiro_testkit::Output::of(&mut command).success();
    let log = home.run("hirogate", &["logs", "-n", "1000"]);
    assert!(!log.success().contains("secret"), "{log:?}");
    let refused = home.run("hirogate", &["restart", "--bus", "http://127.0.0.1"]);
    assert!(refused.failure(2).contains("no address of a NATS server"), "{refused:?}");
}
