//! `hiro workspaces …` as a person or a script types it: what is said is written, everything else stays, and nothing that
//! a server did not write is ever deleted.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::Path;
use std::thread;

use hiro_testkit::League;
use serde_json::{Value, json};

fn json_of(league: &League, words: &[&str]) -> Value {
    serde_json::from_str(league.hiro(&[words, &["--json"]].concat()).success()).unwrap()
}

/// A home with a registry, whose first workspace has ports of this test's own.
fn with_registry() -> League {
    let league = League::new();
    fs::create_dir_all(league.home.data("hiro")).unwrap();
    let first = league.ports.first;
    let text = format!("{{\"port_range_start\": {first}, \"later\": [1.50]}}");
    fs::write(league.home.data("hiro").join("registry.json"), text).unwrap();
    league
}

#[test]
fn a_setup_writes_what_is_said_and_keeps_everything_else() {
    let league = with_registry();
    let first = league.ports.first;
    let result = json_of(&league, &["workspaces", "setup", "--skip-autostart", "--non-interactive"]);
    assert_eq!((&result["workspace"], &result["http_port"]), (&json!("default"), &json!(first)));
    assert_eq!((&result["autostart_method"], &result["server_started"]), (&json!("skipped"), &json!(false)));
    assert!(result["autostart_reason"].as_str().unwrap().contains("starts with the computer"));
    let config = league.workspace().join("config.json");
    let mut written = league.config();
    for (key, value) in
        [("log_level", json!("DEBUG")), ("log_dir", json!("elsewhere")), ("mood", json!({"of": 1.0}))]
    {
        written[key] = value;
    }
    fs::write(&config, serde_json::to_vec_pretty(&written).unwrap()).unwrap();
    let port = (first + 2).to_string();
    let words = ["workspaces", "setup", "default", "-g", "ws://gateway.example:1", "-p", &port, "--metrics"];
    let again = json_of(&league, &[&words[..], &["--metrics-interval", "0.2", "--elevated-task"]].concat());
    assert_eq!(again["device_id"], result["device_id"], "who is paired already stays so");
    assert_eq!(again["desktop_pub"], result["desktop_pub"]);
    written["gateway_url"] = json!("ws://gateway.example:1");
    written["http_port"] = json!(first + 2);
    written["metrics_enabled"] = json!(true);
    written["metrics_interval"] = json!(1.0);
    assert_eq!(league.config(), written);
}

#[test]
fn a_setup_that_makes_no_sense_is_refused_and_changes_nothing() {
    let league = with_registry();
    league.hiro(&["workspaces", "create", "home"]).success();
    league.hiro(&["workspaces", "create", "work"]).success();
    let before = json_of(&league, &["workspaces", "list"]);
    let port = |row: usize, key: &str| before["workspaces"][row][key].to_string();
    let (plugins, taken) = (port(0, "plugin_port"), port(1, "http_port"));
    for (port, owner) in [(&plugins, "home"), (&taken, "work")] {
        let refused = league.hiro(&["workspaces", "setup", "home", "-p", port]);
        let told = format!("error: port {port} belongs to workspace `{owner}` already\nhint: ");
        assert!(refused.failure(1).starts_with(&told), "{refused:?}");
    }
    let refused = league.hiro(&["workspaces", "setup", "home", "-g", "http://gateway.example"]);
    assert!(
        refused.failure(1).contains("`http://gateway.example` is no address of a gateway"),
        "{refused:?}"
    );
    for words in [["-p", "0"], ["-p", "99999"], ["--metrics-interval", "inf"]] {
        assert_eq!(
            league.hiro(&[&["workspaces", "setup", "home"][..], &words].concat()).status,
            2,
            "{words:?}"
        );
    }
    assert_eq!(json_of(&league, &["workspaces", "list"]), before);
}

#[test]
fn a_setup_can_start_the_server_and_a_teardown_stops_it_and_takes_its_files_away() {
    let league = with_registry();
    let result = json_of(&league, &["workspaces", "setup", "--start-server"]);
    assert_eq!(result["server_started"], true);
    assert_eq!(league.row("server:default")["pid"], result["server"]["pid"]);
    let stopped = json_of(&league, &["workspaces", "teardown"]);
    assert_eq!(stopped["server"]["pid"], result["server"]["pid"]);
    assert_eq!((&stopped["removed"], &stopped["folder_remains"]), (&json!(false), &json!(true)));
    league.hiro(&["start"]).success();
    let gone = json_of(&league, &["workspaces", "teardown", "default", "--purge"]);
    assert_eq!((&gone["purged"], &gone["folder_remains"]), (&json!(true), &json!(false)));
    assert!(!league.workspace().exists());
    assert_eq!(json_of(&league, &["workspaces", "list"])["workspaces"], json!([]));
    assert_eq!(league.traces(), [""; 0]);
    let nothing = league.hiro(&["uninstall", "--purge"]);
    assert!(nothing.success().contains("cargo uninstall hirocli"), "{nothing:?}");
    assert_eq!(
        fs::read_dir(league.home.data("hiro").join("workspaces")).unwrap().count(),
        0,
        "nothing is made"
    );
}

#[test]
fn a_workspace_is_renamed_made_the_default_and_given_another_gateway_and_its_folder_stays() {
    let league = with_registry();
    for name in ["home", "work"] {
        league.hiro(&["workspaces", "create", name]).success();
    }
    let words =
        ["workspaces", "update", "work", "-n", "office", "--set-default", "-g", "wss://gateway.example"];
    let changed = json_of(&league, &words);
    for key in ["is_default", "renamed", "default_changed", "gateway_updated"] {
        assert_eq!(changed[key], true, "{key}");
    }
    let shown = json_of(&league, &["workspaces", "show", "office"]);
    assert_eq!(
        (&shown["gateway_url"], &shown["is_default"]),
        (&json!("wss://gateway.example"), &json!(true))
    );
    assert!(shown["path"].as_str().unwrap().ends_with("work"), "the folder stays: {shown}");
    let same = league.hiro(&["workspaces", "update", "office", "-n", "office"]);
    assert_eq!(same.success(), "No changes made (values were already the same).\n");
    let refused = league.hiro(&["workspaces", "update", "office", "-n", "Home"]);
    assert_eq!(refused.failure(1), "error: Workspace 'Home' already exists.\n");
    assert_eq!(league.hiro(&["workspaces", "update", "office", "-n", "../evil"]).status, 2);
    let registry = fs::read_to_string(league.home.data("hiro").join("registry.json")).unwrap();
    assert!(registry.contains("\"later\": [\n    1.50\n  ]"), "to the digit: {registry}");
}

#[test]
fn a_purge_deletes_what_a_server_wrote_and_never_what_was_there_before() {
    let league = with_registry();
    let folder = league.home.folder().join("documents");
    for (name, text) in [("letter.txt", "dear"), ("logs/diary.log", "today"), ("channels/tv.txt", "one")] {
        fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        fs::write(folder.join(name), text).unwrap();
    }
    league.hiro(&["workspaces", "create", "home", "--path", folder.to_str().unwrap()]).success();
    league.hiro(&["start"]).success();
    league.until_state("channel:home/echo", "ready");
    league.hiro(&["stop"]).success();
    let unasked = league.hiro(&["workspaces", "remove", "home", "--purge"]);
    assert!(unasked.failure(1).contains("aborted: `home` is still there"), "{unasked:?}");
    let removed = json_of(&league, &["workspaces", "remove", "home", "--purge", "-y"]);
    assert_eq!((&removed["purged"], &removed["folder_remains"]), (&json!(true), &json!(true)));
    assert_eq!(files_below(&folder), ["channels/tv.txt", "letter.txt", "logs/diary.log"]);
    assert_eq!(fs::read_to_string(folder.join("letter.txt")).unwrap(), "dear");
}

#[test]
fn a_purge_spares_a_workspace_that_lives_inside_and_without_one_only_the_entry_goes() {
    let league = with_registry();
    league.hiro(&["workspaces", "create", "outer"]).success();
    let outer = league.home.data("hiro").join("workspaces/outer");
    let inner = outer.join("inner");
    league
        .hiro(&["workspaces", "create", "inner", "--path", inner.to_str().unwrap(), "--set-default"])
        .success();
    league.hiro(&["workspaces", "remove", "outer", "--purge", "--yes"]).success();
    assert!(inner.join("config.json").is_file() && !outer.join("master_key.pem").exists());
    let kept = json_of(&league, &["workspaces", "remove", "inner"]);
    assert_eq!((&kept["purged"], &kept["folder_remains"]), (&json!(false), &json!(true)));
    assert!(inner.join("config.json").is_file());
}

#[test]
fn one_damaged_configuration_hides_no_other_workspace_and_is_never_overwritten() {
    let league = with_registry();
    for name in ["home", "work"] {
        league.hiro(&["workspaces", "create", name]).success();
    }
    let damaged = league.home.data("hiro").join("workspaces/home/config.json");
    fs::write(&damaged, "{\"device_id\": ").unwrap();
    let listed = json_of(&league, &["workspaces", "list"])["workspaces"].clone();
    assert_eq!((&listed[0]["is_configured"], &listed[1]["is_configured"]), (&json!(false), &json!(true)));
    assert!(listed[0]["last_error"].as_str().unwrap().contains("is damaged at line 1"), "{listed}");
    for words in [&["workspaces", "setup", "home"][..], &["workspaces", "update", "home", "-g", "ws://a"]] {
        let refused = league.hiro(words);
        assert!(refused.failure(1).contains("config.json` is damaged") && refused.stderr.contains("hint: "));
    }
    assert_eq!(fs::read_to_string(damaged).unwrap(), "{\"device_id\": ");
    league.hiro(&["workspaces", "setup", "work"]).success();
}

#[test]
fn workspaces_that_are_created_at_once_all_survive_with_ports_of_their_own() {
    let league = with_registry();
    thread::scope(|scope| {
        for number in 0..6 {
            let league = &league;
            scope.spawn(move || {
                league.hiro(&["workspaces", "create", &format!("workspace-{number}")]).success().to_owned()
            });
        }
    });
    let listed = json_of(&league, &["workspaces", "list"])["workspaces"].clone();
    let port = |row: &Value| row["http_port"].as_u64().unwrap();
    let mut ports: Vec<u64> = listed.as_array().unwrap().iter().map(port).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 6, "{listed}");
}

/// The files in a folder and below, by their paths from there.
fn files_below(folder: &Path) -> Vec<String> {
    let mut found: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            match path.is_dir() {
                true => files_below(&path).into_iter().map(|below| format!("{name}/{below}")).collect(),
                false => vec![name],
            }
        })
        .collect();
    found.sort_unstable();
    found
}
