//! What is registered with `--autostart` is what a fresh login needs to bring an instance back: the command is read as the
//! system reads it, and run. Nothing is registered that nobody has asked for, and nothing is left.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::Path;

use hiro_testkit::{DESKTOP_KEY, Home, League, LoginEntry, Output, free_port};
use serde_json::{Value, json};

const CREATE: [&str; 2] = ["instance", "create"];

/// All homes have one registry on Windows.
fn unique(name: &str) -> String {
    format!("{name} {}", std::process::id())
}

/// Creates a gateway with `leading` before the command and `more` behind it.
fn create(home: &Home, program: &str, leading: &[&str], name: &str, more: &[&str]) -> Output {
    let port = free_port().to_string();
    let words = [name, "--desktop-pubkey", DESKTOP_KEY, "--port", &port, "--json"];
    home.run(program, &[leading, &CREATE, &words, more].concat())
}

fn json_of(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

fn label(folder: &Path) -> Value {
    let text = fs::read(folder.join("config.json")).unwrap();
    serde_json::from_slice::<Value>(&text).unwrap()["autostart_method"].clone()
}

fn instance(home: &Home, name: &str) -> std::path::PathBuf {
    home.data("hirogate").join("instances").join(name)
}

/// A home with a registry whose first workspace has ports of this test's own, and that workspace's id.
fn league_with_workspace() -> (League, String) {
    let league = League::new();
    fs::create_dir_all(league.home.data("hiro")).unwrap();
    let text = format!("{{\"port_range_start\": {}}}", league.ports.first);
    fs::write(league.home.data("hiro").join("registry.json"), text).unwrap();
    let made = league.hiro(&["workspaces", "setup", "--json"]);
    made.success();
    let id = json_of(&made)["workspace_id"].as_str().unwrap().to_owned();
    (league, id)
}

#[test]
fn a_gateway_is_ready_after_a_login_and_no_login_starts_it_after_its_teardown() {
    let home = Home::new();
    let name = unique("büro (100% of $HOME; it's `mine`)");
    let entry = LoginEntry::new(&home, format!("hirogate-{name}"));
    let created = create(&home, "hirogate", &[], &name, &["--autostart"]);
    created.success();
    let result = json_of(&created);
    let told = (&result["autostart_registered"], &result["autostart_method"]);
    assert_eq!(told, (&json!(true), &json!(LoginEntry::METHOD)));
    assert_eq!(label(&instance(&home, &name)), LoginEntry::METHOD);
    assert_eq!(home.gateway(&name)["state"], "stopped");
    Output::of(&mut entry.command().unwrap()).success();
    assert_eq!(home.gateway(&name)["state"], "ready");
    let removed = home.run("hirogate", &["teardown", "--instance", &name, "--json"]);
    removed.success();
    let result = json_of(&removed);
    let told = (&result["autostart_removed"], &result["autostart_failed"]);
    assert_eq!(told, (&json!(true), &json!(false)));
    assert_eq!(label(&instance(&home, &name)), "skipped");
    assert!(entry.command().is_none());
}

#[test]
fn a_gateway_that_hiro_created_is_started_by_hiro() {
    let home = Home::new();
    let name = unique("of hiro");
    let entry = LoginEntry::new(&home, format!("hirogate-{name}"));
    create(&home, "hiro", &["gateway"], &name, &["--autostart"]).success();
    Output::of(&mut entry.command().unwrap()).success();
    assert_eq!(home.gateway(&name)["state"], "ready");
    let removed = home.run("hiro", &["gateway", "instance", "remove", &name, "--purge", "--yes"]);
    assert!(removed.success().ends_with("\nIt starts with the computer no more.\n"), "{removed:?}");
    assert!(entry.command().is_none());
}

#[test]
fn a_server_is_ready_after_a_login_and_no_login_starts_it_after_an_uninstall() {
    let (league, id) = league_with_workspace();
    let entry = LoginEntry::new(&league.home, format!("hiro-{id}"));
    assert!(entry.command().is_none(), "nobody has asked for it");
    let setup = league.hiro(&["workspaces", "setup", "--autostart", "--json"]);
    setup.success();
    let result = json_of(&setup);
    let told = (&result["autostart_registered"], &result["autostart_method"], &result["autostart_reason"]);
    assert_eq!(told, (&json!(true), &json!(LoginEntry::METHOD), &Value::Null));
    Output::of(&mut entry.command().unwrap()).success();
    assert_eq!(league.state("server:default"), "ready");
    let removed = league.hiro(&["uninstall", "--json"]);
    removed.success();
    assert_eq!(json_of(&removed)["autostart_removed"], true);
    assert_eq!(label(&league.workspace()), "skipped");
    assert!(entry.command().is_none());
}

#[test]
fn nothing_is_registered_unless_somebody_asks_for_it() {
    let (league, id) = league_with_workspace();
    league.hiro(&["workspaces", "setup", "--skip-autostart", "--elevated-task"]).success();
    assert!(LoginEntry::new(&league.home, format!("hiro-{id}")).command().is_none());
    for (name, more) in [("plain", &[][..]), ("skipped", &["--skip-autostart", "--elevated-task"])] {
        let name = unique(name);
        let created = create(&league.home, "hirogate", &[], &name, more);
        created.success();
        let result = json_of(&created);
        let told = (&result["autostart_registered"], &result["autostart_method"]);
        assert_eq!(told, (&json!(false), &json!("skipped")));
        assert!(LoginEntry::new(&league.home, format!("hirogate-{name}")).command().is_none());
        let removed = league.home.run("hirogate", &["instance", "remove", &name, "--yes", "--json"]);
        removed.success();
        assert_eq!(json_of(&removed)["autostart_removed"], false);
    }
}

#[test]
fn what_is_registered_stays_until_it_is_taken_back() {
    let (league, id) = league_with_workspace();
    let server = LoginEntry::new(&league.home, format!("hiro-{id}"));
    league.hiro(&["workspaces", "setup", "--autostart"]).success();
    league.hiro(&["workspaces", "setup", "--metrics", "--skip-autostart"]).success();
    assert!(server.command().is_some(), "what is not said stays");
    league.hiro(&["workspaces", "setup", "--no-autostart"]).success();
    assert!(server.command().is_none());
    let name = unique("changed");
    let gateway = LoginEntry::new(&league.home, format!("hirogate-{name}"));
    create(&league.home, "hirogate", &[], &name, &[]).success();
    let update = |more: &str| league.home.run("hirogate", &["instance", "update", &name, more]);
    assert!(update("--autostart").success().contains(LoginEntry::METHOD));
    assert!(gateway.command().is_some());
    update("--metrics-port=0").success();
    assert!(gateway.command().is_some(), "what is not said stays");
    update("--no-autostart").success();
    assert!(gateway.command().is_none());
}

#[test]
fn what_makes_no_sense_is_refused_and_leaves_no_trace() {
    let home = Home::new();
    let setup = ["workspaces", "setup", "--autostart"];
    for contrary in ["--skip-autostart", "--no-autostart"] {
        assert_eq!(home.run("hiro", &[&setup[..], &[contrary]].concat()).status, 2, "{contrary}");
    }
    assert_eq!(create(&home, "hirogate", &[], "home", &["--autostart", "--skip-autostart"]).status, 2);
    let elevated = [
        create(&home, "hirogate", &[], "home", &["--autostart", "--elevated-task"]),
        home.run("hiro", &[&setup[..], &["--elevated-task"]].concat()),
    ];
    for refused in elevated {
        assert!(refused.failure(1).ends_with("\nhint: leave `--elevated-task` out\n"), "{refused:?}");
    }
    assert_eq!(fs::read_dir(home.folder()).unwrap().count(), 0);
}

#[test]
fn an_instance_that_can_not_be_registered_is_created_all_the_same_and_the_exit_code_says_so() {
    let home = Home::new();
    let data = home.folder().join("elsewhere").join("hirogate");
    let name = unique("elsewhere");
    let port = free_port().to_string();
    let words = ["instance", "create", &name, "--desktop-pubkey", DESKTOP_KEY, "--port", &port];
    let mut command = home.command("hirogate", &words);
    let created = Output::of(command.args(["--autostart", "--json"]).env("HIROGATE_DATA_DIR", &data));
    assert!(created.failure(1).contains("looks for its data in "), "{created:?}");
    assert!(created.stderr.contains("\nhint: unset `HIROGATE_DATA_DIR`"), "{created:?}");
    let result = json_of(&created);
    let told = (&result["autostart_registered"], &result["autostart_method"], &result["autostart_failed"]);
    assert_eq!(told, (&json!(false), &json!("failed"), &json!(true)));
    assert_eq!(label(&data.join("instances").join(&name)), "failed");
    assert!(LoginEntry::new(&home, format!("hirogate-{name}")).command().is_none());
}

#[test]
fn what_python_has_registered_is_told_with_what_removes_it_and_never_claimed_to_be_removed() {
    let home = Home::new();
    home.create_gateway("home");
    let config = instance(&home, "home").join("config.json");
    for method in ["schtasks", "elevated", "none", "of a later version"] {
        let mut written: Value = serde_json::from_slice(&fs::read(&config).unwrap()).unwrap();
        written["autostart_method"] = json!(method);
        fs::write(&config, serde_json::to_vec(&written).unwrap()).unwrap();
        home.run("hirogate", &["instance", "update", "home", "--metrics-port", "0"]).success();
        let torn_down = home.run("hirogate", &["teardown", "home", "--json"]);
        torn_down.success();
        let result = json_of(&torn_down);
        assert_eq!(result["autostart_removed"], false);
        assert_eq!(result["autostart_reason"].is_null(), method == "none");
        assert_eq!(label(&instance(&home, "home")), method);
    }
    let text = home.run("hirogate", &["instance", "remove", "home", "--yes"]);
    let told = "autostart: `hirogate-home` was registered by another program, as `of a later version`, which is \
                left as it is\n";
    assert!(text.success().ends_with(told), "{text:?}");
}
