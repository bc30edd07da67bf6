//! A desktop's session.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::desktop_entry::desktop_entry_command;
use crate::league::Home;

pub(super) const METHOD: &str = "xdg";

pub(super) fn command(home: &Home, name: &str) -> Option<Command> {
    let file = home.folder().join(".config/autostart").join(format!("{name}.desktop"));
    let words = desktop_entry_command(&fs::read_to_string(file).ok()?);
    let mut command = home.command_of(Path::new(&words[0]));
    command.args(&words[1..]);
    Some(command)
}

/// The file goes with the home.
pub(super) fn clear(_name: &str) {}
