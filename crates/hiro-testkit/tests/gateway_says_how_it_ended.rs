//! A gateway that was stopped is stopped, one that was not has crashed, and whoever asks hears why.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use hiro_testkit::{DESKTOP_KEY, Home, PATIENCE, taken_by_this_test, until};

/// A gateway in the foreground, ready.
fn foreground(home: &Home) -> Child {
    let mut command = home.command("hirogate", &["start", "-f"]);
    let gateway = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    until("the gateway to be ready", PATIENCE, || (home.gateway("home")["state"] == "ready").then_some(()));
    gateway
}

fn folder(home: &Home) -> PathBuf {
    home.data("hirogate").join("instances").join("home")
}

#[cfg(unix)]
#[test]
fn ctrl_c_in_the_foreground_leaves_a_stopped_gateway() {
    use rustix::process::{Pid, Signal, kill_process};

    let home = Home::new();
    home.create_gateway("home");
    let gateway = foreground(&home);
    kill_process(Pid::from_child(&gateway), Signal::INT).unwrap();
    let output = gateway.wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "Gateway starting in foreground (Ctrl+C to stop)\nGateway stopped.\n");
    assert_eq!(home.run("hirogate", &["status", "home"]).status, 3);
    assert!(!folder(&home).join("gateway.pid").exists());
}

#[test]
fn a_killed_gateway_has_crashed_until_the_next_start() {
    let home = Home::new();
    home.create_gateway("home");
    let mut gateway = foreground(&home);
    gateway.kill().unwrap();
    gateway.wait().unwrap();
    let status = home.run("hirogate", &["status", "home"]);
    assert_eq!(status.status, 4);
    assert!(status.stdout.contains("gateway:home: its process is gone, in phase `ready`"), "{status:?}");
    let row = home.gateway("home");
    assert_eq!((&row["pid"], &row["last_pid"]), (&serde_json::Value::Null, &gateway.id().into()));
    home.run("hirogate", &["start"]).success();
    assert_eq!(home.run("hirogate", &["status", "home"]).status, 0);
}

#[test]
fn a_stop_of_a_crashed_gateway_says_so_and_clears_it() {
    let home = Home::new();
    home.create_gateway("home");
    let mut gateway = foreground(&home);
    gateway.kill().unwrap();
    gateway.wait().unwrap();
    let stopped = home.run("hirogate", &["stop"]);
    assert!(stopped.success().starts_with("Gateway is not running.\nIt had crashed: "), "{stopped:?}");
    assert_eq!(home.run("hirogate", &["status", "home"]).status, 3);
}

/// The test itself is the stranger: it would not live to see a signal.
#[test]
fn a_pid_file_that_names_a_stranger_is_doubted_and_the_stranger_left_alone() {
    let home = Home::new();
    home.create_gateway("home");
    fs::write(folder(&home).join("gateway.pid"), std::process::id().to_string()).unwrap();
    let status = home.run("hirogate", &["status", "home"]);
    assert!(status.status == 5 && status.stdout.contains("unverifiable"), "{status:?}");
    for command in ["start", "stop", "restart"] {
        let refused = home.run("hirogate", &[command]);
        assert!(refused.failure(1).contains("can't tell whether"), "{refused:?}");
    }
    assert_eq!(home.gateway("home")["pid"], serde_json::Value::Null);
    fs::remove_file(folder(&home).join("gateway.pid")).unwrap();
}

#[test]
fn a_port_that_a_stranger_has_is_told_with_the_stranger() {
    use std::net::TcpListener;

    let home = Home::new();
    let port = home.create_gateway("home");
    let _stranger = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let taken = taken_by_this_test(port);
    let refused = home.run("hirogate", &["start"]);
    let hint = "\nhint: stop that program, or choose another port\n";
    let told = refused.failure(1);
    assert!(told.starts_with(&format!("error: could not start `gateway:home`: {taken}")), "{told}");
    assert!(told.ends_with(hint), "{told}");
    assert_eq!(home.gateway("home")["state"], "stopped");
    let refused = home.run("hirogate", &["start", "--foreground"]);
    let told = refused.failure(1);
    assert!(told.starts_with(&format!("error: could not listen on `127.0.0.1:{port}`: {taken}")), "{told}");
    assert_eq!(home.gateway("home")["state"], "crashed");
}

/// 192.0.2.0/24 is for documentation: no machine has an address of it.
#[test]
fn a_gateway_that_ends_while_it_starts_is_told_with_its_exit_code_and_its_last_words() {
    let home = Home::new();
    let create = ["instance", "create", "home", "--desktop-pubkey", DESKTOP_KEY, "--port", "8765"];
    home.run("hirogate", &[&create[..], &["--host", "192.0.2.1"]].concat()).success();
    let words = "error: could not listen on `192.0.2.1:8765`: ";
    let refused = home.run("hirogate", &["start"]);
    let told =
        "error: could not start `gateway:home`: the process ended with exit code 1 in phase `starting`";
    assert!(refused.failure(1).starts_with(told), "{refused:?}");
    assert!(refused.stderr.contains(&format!("\n  | {words}")), "{refused:?}");
    let status = home.run("hirogate", &["status", "home"]);
    let crash = format!("its process is gone, exit code 1, in phase `starting`: {words}");
    assert!(status.status == 4 && status.stdout.contains(&crash), "{status:?}");
}

#[test]
fn a_gateway_with_a_corrupt_configuration_names_the_file_and_the_line() {
    let home = Home::new();
    home.create_gateway("home");
    let config = folder(&home).join("config.json");
    fs::write(&config, "{\n  \"desktop_public_key\": \"x\",\n  oops\n}").unwrap();
    let named = format!("`{}` is damaged at line 3, column 3", config.display());
    let refused = home.run("hirogate", &["start"]);
    assert!(refused.failure(1).contains(&named), "{refused:?}");
    let row = home.gateway("home");
    assert_eq!(row["state"], "stopped");
    assert!(row["last_error"].as_str().unwrap().contains(&named), "{row}");
    let refused = home.run("hirogate", &["start", "-f"]);
    assert!(refused.failure(1).contains(&named), "{refused:?}");
    assert_eq!(home.gateway("home")["state"], "crashed");
}

#[test]
fn a_gateway_with_a_wrong_key_names_the_file() {
    let home = Home::new();
    home.create_gateway("home");
    let config = folder(&home).join("config.json");
    fs::write(&config, r#"{"desktop_public_key": "AAAA"}"#).unwrap();
    let refused = home.run("hirogate", &["start"]);
    let expected = format!(
        "error: `{}` holds no valid `desktop_public_key`: a public key has 32 bytes, not 3\n",
        config.display()
    );
    assert_eq!(refused.failure(1), expected);
}
