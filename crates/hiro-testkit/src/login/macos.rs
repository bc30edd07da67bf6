//! What launchd does with a user's agents.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::league::Home;

pub(super) const METHOD: &str = "launchd";

pub(super) fn command(home: &Home, name: &str) -> Option<Command> {
    let file = home.folder().join("Library/LaunchAgents").join(format!("com.hiroleague.{name}.plist"));
    let text = fs::read_to_string(file).ok()?;
    let (_, array) = text.split_once("<key>ProgramArguments</key>").expect("a command");
    let (array, _) = array.split_once("</array>").expect("the end of the command");
    let words: Vec<String> = array
        .split("<string>")
        .skip(1)
        .map(|word| word.split("</string>").next().unwrap_or_default())
        .map(|word| word.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
        .collect();
    let mut command = home.command_of(Path::new(&words[0]));
    command.args(&words[1..]);
    Some(command)
}

/// The file goes with the home.
pub(super) fn clear(_name: &str) {}
