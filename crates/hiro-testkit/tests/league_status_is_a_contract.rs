//! `hiro status`: the JSON that scripts read, the exit codes that they branch on, and files that can't be understood.

use hiro_testkit::{League, Output};
use serde_json::{Value, json};

fn status(league: &League, name: &str) -> Output {
    league.hiro(&["status", name])
}

#[test]
fn the_json_has_what_the_contract_says() {
    let league = League::that_is_up();
    let output = league.hiro(&["status", "--json"]);
    let status: Value = serde_json::from_str(output.success()).unwrap();
    assert_eq!(status["schema"], 1);
    let kinds: Vec<_> = league.rows().iter().map(|row| row["kind"].clone()).collect();
    assert_eq!(kinds, ["server", "channel", "channel", "gateway"]);
    for row in league.rows() {
        assert_eq!((&row["state"], &row["runtime"]), (&json!("ready"), &json!("native")));
        assert!(row["pid"].is_u64() && row["last_error"].is_null(), "{row}");
        assert!(row["started_at"].as_str().unwrap().ends_with('Z'), "{row}");
        assert!(std::path::Path::new(row["stderr_log"].as_str().unwrap()).is_file(), "{row}");
    }
    let server = league.row("server:default");
    assert_eq!(server["url"], format!("http://127.0.0.1:{}/status", league.port("http_port")));
    assert_eq!((&server["ws_connected"], &server["is_default"]), (&json!(true), &json!(true)));
}

#[test]
fn the_table_has_a_line_for_every_instance_with_its_log() {
    let league = League::that_is_up();
    let output = league.hiro(&["status"]);
    let said = output.success().replace('\\', "/");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert!(lines[0].starts_with("NAME") && lines[0].ends_with("LOG"));
    assert!(lines[1].starts_with("server:default") && lines[1].ends_with("default/stderr.log"));
    assert!(lines[3].contains("channel:default/echo") && lines[3].ends_with("channels/echo.stderr.log"));
}

#[test]
fn the_exit_code_says_how_one_instance_is() {
    let league = League::that_is_up();
    for name in ["server:default", "channel:default/echo", "gateway:default"] {
        status(&league, name).success();
    }
    league.hiro(&["down"]).success();
    for name in ["server:default", "channel:default/echo", "gateway:default"] {
        assert_eq!(status(&league, name).status, 3, "{name}");
    }
    let pid_file = league.workspace().join("hiro.pid");
    std::fs::write(&pid_file, "no pid").unwrap();
    assert_eq!(status(&league, "server:default").status, 4);
    // This test is no server, whatever the file says.
    std::fs::write(&pid_file, std::process::id().to_string()).unwrap();
    assert_eq!(status(&league, "server:default").status, 5);
    let unknown = status(&league, "server:nobody");
    assert!(unknown.failure(1).contains("there is no instance `server:nobody`"), "{unknown:?}");
    assert_eq!(league.hiro(&["status", "--no-such-option"]).status, 2);
}

#[test]
fn a_registry_that_is_damaged_is_named_with_its_line_left_alone_and_hides_no_gateway() {
    let league = League::that_is_up();
    let registry = league.home.data("hiro").join("registry.json");
    let (whole, damaged) = (std::fs::read(&registry).unwrap(), "{\n\n  \"workspaces\": {");
    std::fs::write(&registry, damaged).unwrap();
    for words in [["status"], ["up"], ["start"], ["stop"]] {
        let output = league.hiro(&words);
        let error = output.failure(1).replace('\\', "/");
        assert!(error.contains("hiro/registry.json` is damaged at line 3"), "{output:?}");
        assert!(output.stderr.contains("hint: "), "{output:?}");
    }
    assert!(league.hiro(&["status"]).stdout.contains("gateway:default  ready"));
    assert_eq!(std::fs::read_to_string(&registry).unwrap(), damaged);
    std::fs::write(&registry, whole).unwrap();
}

#[test]
fn a_configuration_that_is_damaged_is_named_in_the_row_left_alone_and_keeps_nothing_from_being_stopped() {
    let league = League::that_is_up();
    let damaged = "{\n  \"http_port\": \"many\"\n}";
    std::fs::write(league.workspace().join("config.json"), damaged).unwrap();
    let error = league.row("server:default")["last_error"].as_str().unwrap().to_owned();
    assert!(error.contains("config.json` is damaged at line 2"), "{error}");
    for words in [["up"], ["start"], ["restart"]] {
        let output = league.hiro(&words);
        assert!(output.failure(1).contains("config.json` is damaged at line 2"), "{output:?}");
    }
    assert_eq!(league.state("channel:default/echo"), "ready", "a restart that can't work stops nothing");
    league.hiro(&["down"]).success();
    assert_eq!(std::fs::read_to_string(league.workspace().join("config.json")).unwrap(), damaged);
    assert_eq!(league.traces(), [""; 0]);
}
