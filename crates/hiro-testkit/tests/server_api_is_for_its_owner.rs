//! The HTTP API of a real server: its token, and what it tells of processes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::thread;

use hiro_process::is_running;
use hiro_testkit::{League, Output, PATIENCE, Stage, kill, program, until};
use hirocli::database::{ChannelPlugin, Database};
use serde_json::Value;

const SERVER: &str = "server:default";

/// The row of an instance in `/processes`.
fn row(league: &League, name: &str) -> Value {
    let answer = league.get("/processes");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let rows: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
    let found = rows["instances"].as_array().unwrap().iter().find(|row| row["name"] == name).cloned();
    found.unwrap_or_else(|| panic!("no row `{name}` in {rows}"))
}

#[cfg(unix)]
#[test]
fn the_token_of_the_api_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let league = League::that_is_up();
    let mode = fs::metadata(league.workspace().join("api_token")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_token_is_void_after_the_next_start() {
    let league = League::that_is_up();
    let old = league.api_token();
    assert!(league.get("/processes").starts_with("HTTP/1.1 200"));
    league.hiro(&["restart"]).success();
    assert_ne!(league.api_token(), old);
    let stale = format!("Authorization: Bearer {old}");
    assert!(league.ask("GET /processes", &[&stale], "").starts_with("HTTP/1.1 401"));
    assert!(league.get("/processes").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_program_without_the_token_shuts_nothing_down_and_the_switch_lets_it() {
    let league = League::that_is_up();
    let server = league.process(SERVER);
    for call in
        ["POST /_shutdown", "POST /_restart", "POST /invoke", "POST /processes/channel:default/echo/stop"]
    {
        assert!(league.ask(call, &[], "{}").starts_with("HTTP/1.1 401"), "{call}");
    }
    assert!(is_running(&server) && league.state(SERVER) == "ready");
    let mut config = league.config();
    config["allow_unauthenticated_shutdown"] = true.into();
    fs::write(league.workspace().join("config.json"), config.to_string()).unwrap();
    league.hiro(&["restart"]).success();
    assert!(league.ask("POST /_shutdown", &[], "").starts_with("HTTP/1.1 200"));
    league.until_state(SERVER, "stopped");
}

#[test]
fn an_instance_costs_what_its_whole_tree_costs() {
    let (league, stage) = (League::that_is_up(), Stage::new());
    league.hiro(&["stop"]).success();
    let words = [program("puppet").display().to_string(), "name plugin".into(), "--".into()];
    let plugin = ChannelPlugin { command: words.to_vec(), ..ChannelPlugin::new("puppet") };
    Database::open(&league.workspace()).unwrap().upsert_channel_plugin(&plugin).unwrap();
    let (name, address) = stage.variable();
    Output::of(league.home.command("hiro", &["start"]).env(name, address)).success();
    let mut plugin = stage.puppet("plugin");
    league.until_state("channel:default/puppet", "ready");
    let alone = row(&league, "channel:default/puppet")["metrics"].clone();
    plugin.tell("spawn grandchild");
    let _grandchild = stage.puppet("grandchild");
    let tree = row(&league, "channel:default/puppet")["metrics"].clone();
    let number = |metrics: &Value, key: &str| metrics[key].as_u64().unwrap_or_else(|| panic!("{metrics}"));
    assert_eq!(number(&tree, "num_processes"), number(&alone, "num_processes") + 1);
    assert!(number(&tree, "rss_bytes") > number(&alone, "rss_bytes"), "{alone} {tree}");
    assert_eq!(number(&tree, "restarts"), 0);
    assert!(tree["cpu_percent"].is_number() && tree["uptime_seconds"].as_f64().unwrap() >= 0.0, "{tree}");
    // Windows gives a process without a window a console host, which belongs to its tree.
    let most = 1 + u64::from(cfg!(windows));
    let server = row(&league, SERVER);
    assert!(number(&server["metrics"], "num_processes") <= most, "its plugins are other instances: {server}");
}

#[test]
fn only_starts_after_a_crash_are_restarts_wherever_they_are_told() {
    const ECHO: &str = "channel:default/echo";
    let league = League::that_is_up();
    league.hiro(&["channel", "restart", "echo"]).success();
    assert_eq!(row(&league, ECHO)["metrics"]["restarts"], 0, "that start was an order");
    kill(league.process(ECHO).pid.get());
    until("both places to tell of the restart", PATIENCE, || {
        let row = row(&league, ECHO);
        (row["metrics"]["restarts"] == 1 && row["restarts"] == 1).then_some(())
    });
}

#[test]
fn none_of_many_orders_at_once_is_lost() {
    let league = League::that_is_up();
    let call = || league.post("/processes/channel:default/echo/restart", "");
    let answers: Vec<String> = thread::scope(|scope| {
        let asking: Vec<_> = (0..14).map(|_| scope.spawn(call)).collect();
        asking.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    // One that another one has overtaken says so.
    let is_answered = |answer: &String| {
        answer.starts_with("HTTP/1.1 200") || answer.contains("another order has overtaken it")
    };
    assert!(answers.iter().all(is_answered), "{answers:#?}");
}

#[test]
fn what_an_instance_says_on_stderr_and_what_the_server_logs_can_be_read() {
    let league = League::that_is_up();
    let log = league.workspace().join("logs/server.log");
    let text = fs::read_to_string(&log).unwrap();
    assert!(text.starts_with("timestamp,level,module,message,extra\n"), "{text}");
    until("a plugin to register", PATIENCE, || {
        fs::read_to_string(&log).unwrap().contains(",INFO,SERVER,plugin registered,").then_some(())
    });
    let found = league.hiro(&["logs", "search", "plugin registered", "--json", "--source", "server"]);
    let found: Value = serde_json::from_str(found.success()).unwrap();
    assert!(found["total_matches"].as_u64().unwrap() >= 1, "{found}");
    assert_eq!(found["rows"][0]["module"], "SERVER");
    assert!(league.hiro(&["logs", "tail", "-n", "500"]).success().contains("plugin registered"));
    let told = league.get("/processes/server:default/logs?lines=5000");
    assert!(told.contains("plugin registered"), "{told}");
}
