//! A stranger's plugin on the published SDK, and what it notes of all that the server tells it.

use std::fs;
use std::path::PathBuf;

use hiro_testkit::{League, PATIENCE, until};
use hirocli::database::{ChannelPlugin, Database};
use serde_json::{Map, Value};

use crate::published::fixture;

pub(crate) const MIRROR: &str = "channel:default/mirror";

/// The row of a plugin with that configuration, run by `interpreter` and from the uv workspace `workspace_dir` if that is
/// not empty.
pub(crate) fn row(interpreter: &str, workspace_dir: &str, config: Value) -> ChannelPlugin {
    let config = match config {
        Value::Object(config) => config,
        _ => Map::new(),
    };
    let command = vec![interpreter.to_owned(), fixture("mirror.py").display().to_string()];
    ChannelPlugin { command, config, workspace_dir: workspace_dir.to_owned(), ..ChannelPlugin::new("mirror") }
}

/// A league that is up but for its server, which will run the plugin.
pub(crate) fn league_with(plugin: &ChannelPlugin) -> League {
    let league = League::that_is_up();
    league.hiro(&["stop"]).success();
    let database = Database::open(&league.workspace()).expect("the workspace's database");
    database.upsert_channel_plugin(plugin).expect("a row");
    league
}

fn notes_file(league: &League) -> PathBuf {
    league.workspace().join("logs/mirror.jsonl")
}

/// All that the plugin has noted under `what`, in the order of the calls.
pub(crate) fn notes(league: &League, what: &str) -> Vec<Value> {
    let text = fs::read_to_string(notes_file(league)).unwrap_or_default();
    // The last line may be half written.
    let notes = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    notes.filter(|note| note["what"] == what).collect()
}

/// Waits until the plugin has noted `count` of these.
pub(crate) fn until_noted(league: &League, what: &str, count: usize) -> Vec<Value> {
    let waited_for = format!("{count} times `{what}`");
    until(&waited_for, PATIENCE, || Some(notes(league, what)).filter(|notes| notes.len() >= count))
}

/// What the plugin was sent: the texts of the messages, and the types of the events.
pub(crate) fn sent(league: &League) -> Vec<String> {
    let text = |note: Value| {
        let message = &note["value"];
        let text = message["content"][0]["body"].as_str().or(message["event"]["type"].as_str());
        text.unwrap_or_default().to_owned()
    };
    notes(league, "send").into_iter().map(text).collect()
}
