//! The published command line `hiro` 0.1.3 on our files, and ours on the files that it wrote: both see the same workspaces,
//! channels and devices, and neither loses what the other wrote, but for what the published one is known to lose.

use std::fs;
use std::process::{Command, Stdio};

use hiro_testkit::{DESKTOP_KEY, Lack, League, Output, python_of, python_server, wine_lacks};
use hirocli::database::{Database, Device};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

const SERVER: &str = "server:default";

/// The published command line, in the home of `league`.
fn python(league: &League, words: &[&str]) -> Output {
    let environment = league.home.command("hiro", &[] as &[&str]);
    let mut command = Command::new(python_of(&python_server()).with_file_name("hiro"));
    command.args(words).current_dir(league.home.folder()).stdin(Stdio::null()).env_clear();
    command.envs(environment.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Output::of(command.env("COLUMNS", "300").env("PYTHONUTF8", "1"))
}

fn config_file(league: &League) -> std::path::PathBuf {
    league.workspace().join("config.json")
}

fn read(path: &std::path::Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

#[test]
fn the_published_hiro_lists_and_shows_our_workspace_channels_and_devices() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let league = League::that_is_up();
    let (config, pid) = (league.config(), league.process(SERVER).pid.to_string());
    let id = config["device_id"].as_str().expect("an id").to_owned();
    let listed = python(&league, &["workspaces", "list"]);
    assert!(listed.success().contains("configured") && listed.stdout.contains("running"), "{listed:?}");
    let shown = python(&league, &["workspaces", "show"]);
    assert!(shown.success().contains(&format!("running (PID {pid})")), "{shown:?}");
    assert!(shown.stdout.contains(&id) && shown.stdout.contains("connected"), "{shown:?}");
    let status = python(&league, &["status"]);
    assert!(status.success().contains(&pid) && status.stdout.contains("yes"), "{status:?}");
    assert!(status.stdout.contains(config["gateway_url"].as_str().expect("an address")), "{status:?}");
    let channels = python(&league, &["channel", "list"]);
    assert!(channels.success().contains("echo") && channels.stdout.contains("devices"), "{channels:?}");
    let device = Device {
        device_id: "mobile-0123456789ab".to_owned(),
        device_public_key: DESKTOP_KEY.to_owned(),
        paired_at: Timestamp::now(),
        expires_at: None,
        metadata: Map::new(),
        device_name: Some("Ada's phone".to_owned()),
    };
    Database::open(&league.workspace()).expect("a database").insert_device(&device).expect("a row");
    let devices = python(&league, &["device", "list"]);
    assert!(devices.success().contains("mobile-0123456789ab"), "{devices:?}");
    assert_eq!(league.config(), config, "who only looks changes nothing");
}

#[test]
fn the_published_hiro_stops_our_server_and_finds_it_stopped() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let league = League::that_is_up();
    league.until_state("channel:default/devices", "ready");
    let pid = league.process(SERVER).pid;
    let stopped = python(&league, &["stop"]);
    assert!(stopped.success().contains(&format!("(was PID {pid})")), "{stopped:?}");
    assert_eq!(league.state(SERVER), "stopped");
    assert_eq!(league.traces().len(), 1, "the gateway alone: {:?}", league.traces());
    let again = python(&league, &["stop"]);
    assert!(again.success().contains("not running"), "{again:?}");
    league.hiro(&["start"]).success();
    assert_eq!(league.state(SERVER), "ready");
}

#[test]
fn our_hiro_works_on_what_the_published_one_set_up_and_loses_nothing_of_it() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let league = League::new();
    fs::create_dir_all(league.home.data("hiro")).expect("a folder of the test's own");
    let registry = league.home.data("hiro").join("registry.json");
    fs::write(&registry, format!("{{\"port_range_start\": {}}}", league.ports.first)).expect("a file");
    python(&league, &["workspaces", "create", "default"]).success();
    let port = league.ports.first.to_string();
    let setup = ["workspaces", "setup", "--skip-autostart", "--non-interactive", "-g", "ws://127.0.0.1:9"];
    python(&league, &[&setup[..], &["-p", &port]].concat()).success();
    let (config, entries) = (fs::read(config_file(&league)), fs::read(&registry));
    let (config, entries) = (config.expect("a file"), entries.expect("a file"));
    league.hiro(&["workspaces", "setup", "--skip-autostart"]).success();
    league.hiro(&["workspaces", "set-default", "default"]).success();
    assert_eq!(fs::read(config_file(&league)).expect("a file"), config, "a rewrite changes not one byte");
    assert_eq!(fs::read(&registry).expect("a file"), entries, "not one byte");
    league.hiro(&["start"]).success();
    league.until_state("channel:default/echo", "ready");
    let shown = python(&league, &["workspaces", "show"]);
    assert!(shown.success().contains(&format!("(PID {})", league.process(SERVER).pid)), "{shown:?}");
    league.hiro(&["stop"]).success();
    let key = fs::read(league.workspace().join("master_key.pem")).expect("a key");
    let removed = league.hiro(&["workspaces", "teardown", "--json"]);
    assert!(removed.success().contains("\"removed\": false"), "{removed:?}");
    assert_eq!(fs::read(league.workspace().join("master_key.pem")).expect("a key"), key);
}

/// Python writes a registry and a configuration anew from what it knows; what stands in files of our own it never touches.
#[test]
fn what_the_published_hiro_changes_is_seen_here_and_fields_of_later_versions_survive_our_changes() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let league = League::that_is_up();
    league.hiro(&["stop"]).success();
    let before = league.config();
    python(&league, &["workspaces", "update", "default", "-n", "home", "-g", "ws://127.0.0.1:9"]).success();
    let shown = league.hiro(&["workspaces", "show", "home", "--json"]);
    let shown: Value = serde_json::from_str(shown.success()).expect("JSON");
    assert_eq!(
        (&shown["gateway_url"], &shown["device_id"]),
        (&json!("ws://127.0.0.1:9"), &before["device_id"])
    );
    let mut config = league.config();
    config["later"] = json!({"of": [1, "two"]});
    fs::write(config_file(&league), serde_json::to_vec(&config).expect("JSON")).expect("a file");
    league.hiro(&["workspaces", "update", "home", "-g", "ws://127.0.0.1:10"]).success();
    config["gateway_url"] = json!("ws://127.0.0.1:10");
    assert_eq!(read(&config_file(&league)), config);
    let listed = python(&league, &["workspaces", "list"]);
    assert!(listed.success().contains("ws://127.0.0.1:10"), "{listed:?}");
}
