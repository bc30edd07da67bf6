//! Channel plugins as instances: any program, whatever becomes of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::ffi::OsStr;
use std::fs;

use hiro_process::is_running;
use hiro_testkit::{Lack, League, Output, PuppetHandle, Stage, is_listed, program, uv, wine_lacks};
use hirocli::database::{ChannelPlugin, Database};

const PUPPET: &str = "channel:default/puppet";

/// A league with one more plugin: a program that knows nothing of PID files.
fn with_plugin(plugin: ChannelPlugin) -> League {
    let league = League::that_is_up();
    league.hiro(&["stop"]).success();
    Database::open(&league.workspace()).unwrap().upsert_channel_plugin(&plugin).unwrap();
    league
}

fn puppet_plugin() -> ChannelPlugin {
    let words = [program("puppet").display().to_string(), "name plugin".into(), "--".into()];
    ChannelPlugin { command: words.to_vec(), ..ChannelPlugin::new("puppet") }
}

fn start_with(league: &League, stage: &Stage, environment: &[(&str, &OsStr)]) -> PuppetHandle {
    let (name, address) = stage.variable();
    let mut command = league.home.command("hiro", &["start"]);
    command.env(name, address).envs(environment.iter().copied());
    Output::of(&mut command).success();
    stage.puppet("plugin")
}

fn start(league: &League, stage: &Stage) -> PuppetHandle {
    start_with(league, stage, &[])
}

#[test]
fn any_program_behind_the_shim_is_an_instance_with_pid_file_lock_and_log() {
    let (league, stage) = (with_plugin(puppet_plugin()), Stage::new());
    let mut plugin = start(&league, &stage);
    league.until_state(PUPPET, "ready");
    let instance = league.channel("puppet");
    // Windows has no `exec`: the shim stays, and the PID file is its.
    let is_the_program = fs::read_to_string(instance.pid_file()).unwrap() == plugin.pid.to_string();
    assert_eq!(is_the_program, cfg!(unix));
    assert!(instance.lock_file().is_file() && instance.record_file().is_file());
    plugin.tell("stderr something to say");
    let log = fs::read_to_string(league.workspace().join("channels/puppet.stderr.log")).unwrap();
    assert_eq!(log, "something to say\n");
    let arguments = plugin.tell("arguments");
    let expected = format!("--hiro-ws|ws://127.0.0.1:{}|--log-dir|", league.port("plugin_port"));
    assert!(arguments.contains(&expected) && arguments.contains("--log-level|INFO"), "{arguments}");
    assert_eq!(plugin.tell("environment HIRO_WORKSPACE"), "default");
    assert_eq!(plugin.tell("environment HIRO_PLUGIN_TOKEN").len(), 32, "a token of its own launch");
    league.hiro(&["stop"]).success();
    plugin.wait_for_end();
    assert!(!instance.pid_file().exists());
}

#[test]
fn a_program_of_a_uv_workspace_is_the_instance_itself_and_not_uv() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let stage = Stage::new();
    let root = stage.path("workspace");
    fs::create_dir_all(&root).unwrap();
    let project = "[project]\nname = \"plugins\"\nversion = \"1\"\nrequires-python = \">=3.8\"\n[tool.uv]\npackage = false\n";
    fs::write(root.join("pyproject.toml"), project).unwrap();
    let workspace_dir = root.display().to_string();
    let league = with_plugin(ChannelPlugin { workspace_dir, ..puppet_plugin() });
    let environment =
        [("UV", uv().as_os_str()), ("UV_PYTHON_DOWNLOADS", "never".as_ref()), ("UV_OFFLINE", "1".as_ref())];
    let mut plugin = start_with(&league, &stage, &environment);
    league.until_state(PUPPET, "ready");
    let row = league.row(PUPPET);
    assert_eq!((row["pid"].as_u64(), row["runtime"].as_str()), (Some(plugin.pid.into()), Some("uv")));
    assert!(plugin.tell("environment VIRTUAL_ENV").starts_with(&*root.display().to_string()));
    league.hiro(&["down"]).success();
    plugin.wait_for_end();
    assert_eq!(league.traces(), [""; 0]);
}

#[test]
fn a_plugin_whose_command_is_missing_is_crashed_and_the_others_run() {
    let missing = std::env::temp_dir().join("no such program").display().to_string();
    let command = vec![missing.clone(), "--loud".to_owned()];
    let league = with_plugin(ChannelPlugin { command, ..ChannelPlugin::new("broken") });
    league.hiro(&["start"]).success();
    league.until_state("channel:default/broken", "crashed");
    let row = league.row("channel:default/broken");
    let named = format!("could not run `{missing}`");
    assert!(row["last_error"].as_str().unwrap().contains(&named), "{row}");
    league.until_state("channel:default/echo", "ready");
    league.until_state("channel:default/devices", "ready");
    let output = league.up();
    let error = output.failure(1);
    assert!(error.contains("`channel:default/broken` has crashed") && error.contains(&missing), "{error}");
    assert!(league.hiro(&["demo", "still"]).success().contains("[echo] still"));
    league.hiro(&["down"]).success();
    assert_eq!(league.traces(), [""; 0]);
}

#[test]
fn a_plugin_that_crashes_is_started_again_and_leaves_no_zombie() {
    let (league, stage) = (with_plugin(puppet_plugin()), Stage::new());
    let mut plugin = start(&league, &stage);
    plugin.try_tell("exit 7");
    plugin.wait_for_end();
    let mut next = stage.puppet("plugin");
    assert!(next.lives() && next.pid != plugin.pid);
    league.until_state(PUPPET, "ready");
    assert!(!is_listed(plugin.pid), "not even a zombie");
}

#[test]
fn a_plugin_that_ignores_every_request_to_stop_is_gone_when_the_server_is() {
    let (league, stage) = (with_plugin(puppet_plugin()), Stage::new());
    let mut plugin = start(&league, &stage);
    league.until_state(PUPPET, "ready");
    plugin.tell("ignore-term");
    plugin.tell("spawn child|ignore-term|own-session");
    let mut child = stage.puppet("child");
    let output = league.hiro(&["stop"]);
    assert!(!output.success().contains("was killed"), "the server itself obeys: {output:?}");
    plugin.wait_for_end();
    child.wait_for_end();
}

#[test]
fn a_plugin_that_is_disabled_is_not_started_and_not_listed() {
    let league = with_plugin(ChannelPlugin { enabled: false, ..ChannelPlugin::new("echo") });
    league.hiro(&["start"]).success();
    league.until_state("channel:default/devices", "ready");
    assert!(league.rows().iter().all(|row| row["name"] != "channel:default/echo"));
    assert!(league.traces().iter().all(|line| !line.contains("plugin echo")));
}

#[test]
fn a_name_that_leads_elsewhere_is_no_plugin() {
    let league =
        with_plugin(ChannelPlugin { command: vec!["env".into()], ..ChannelPlugin::new("../../evil") });
    league.hiro(&["up"]).success();
    let log = fs::read_to_string(league.workspace().join("stderr.log")).unwrap();
    assert!(log.contains("a plugin has a name that no file can have"), "{log}");
    assert!(is_running(&league.process("channel:default/echo")));
    assert!(!league.home.data("hiro").join("workspaces/evil.pid.control").exists());
}
