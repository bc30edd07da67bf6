//! Several workspaces on one machine, each with a server, a folder and ports of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use hiro_testkit::League;
use serde_json::Value;

fn shown(league: &League, name: &str) -> Value {
    let output = league.hiro(&["workspaces", "show", name, "--json"]);
    serde_json::from_str(output.success()).unwrap()
}

#[test]
fn workspaces_are_created_listed_chosen_and_removed() {
    let league = League::that_is_up();
    league.hiro(&["workspaces", "create", "work"]).success();
    let (first, second) = (shown(&league, "default"), shown(&league, "work"));
    assert_ne!(first["http_port"], second["http_port"]);
    assert_ne!(first["device_id"], second["device_id"]);
    assert_eq!((&first["is_default"], &second["is_default"]), (&Value::Bool(true), &Value::Bool(false)));
    let refused = league.hiro(&["workspaces", "remove", "default", "-y"]);
    assert!(refused.failure(1).contains("workspace `default` is running"), "{refused:?}");
    league.hiro(&["down"]).success();
    let refused = league.hiro(&["workspaces", "remove", "default", "-y"]);
    assert!(refused.failure(1).contains("workspace `default` is the default one"), "{refused:?}");
    league.hiro(&["workspaces", "set-default", "work"]).success();
    league.hiro(&["workspaces", "remove", "default", "-y"]).success();
    let listed = league.hiro(&["workspaces", "list"]);
    assert!(listed.success().contains("work") && !listed.stdout.contains("default  "), "{listed:?}");
    assert!(league.workspace().join("master_key.pem").is_file(), "no file is deleted");
}

#[test]
fn two_leagues_in_one_home_run_side_by_side_and_share_no_gateway() {
    let league = League::that_is_up();
    league.hiro(&["workspaces", "create", "work"]).success();
    let from = (league.ports.first + 20).to_string();
    league.hiro(&["up", "--workspace", "work", "--ports-from", &from, "--demo", "there"]).success();
    assert_eq!(league.processes().len(), 8);
    assert_eq!(league.row("gateway:work")["host"], "127.0.0.1");
    assert!(league.hiro(&["demo", "here"]).success().contains("[echo] here"));
    let of_work = league.hiro(&["status", "-W", "work", "--json"]);
    let of_work: Value = serde_json::from_str(of_work.success()).unwrap();
    let names: Vec<_> = of_work["instances"].as_array().unwrap().iter().map(|row| &row["name"]).collect();
    assert_eq!(names, ["server:work", "channel:work/devices", "channel:work/echo"]);
    assert!(league.hiro(&["status", "-W", "nobody"]).failure(1).contains("nobody"));
    league.hiro(&["stop", "--workspace", "work"]).success();
    assert_eq!(league.state("server:work"), "stopped");
    assert_eq!(league.state("server:default"), "ready");
    league.hiro(&["down"]).success();
    assert_eq!(league.traces(), [""; 0]);
}

#[test]
fn a_name_that_leads_elsewhere_is_refused_and_nothing_is_created() {
    let league = League::new();
    for name in ["../../evil", "", "a/b", "nul"] {
        assert_eq!(league.hiro(&["workspaces", "create", name]).status, 2, "`{name}`");
    }
    assert!(!league.home.data("hiro").exists());
    let output = league.hiro(&["start", "--workspace", "nobody"]);
    assert!(output.failure(1).starts_with("error: No workspaces configured."), "{output:?}");
    assert!(!league.home.data("hiro").exists());
}
