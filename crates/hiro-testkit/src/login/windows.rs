//! What Windows does with the user's `Run` key at a login.

use std::os::windows::process::CommandExt;
use std::path::Path;
use std::process::Command;

use winsafe::{HKEY, RegistryValue, co};

use crate::league::Home;

pub(super) const METHOD: &str = "registry";

const KEY: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";

/// The line is handed on as it is: the program cuts it up by itself.
pub(super) fn command(home: &Home, name: &str) -> Option<Command> {
    let key =
        HKEY::CURRENT_USER.RegOpenKeyEx(Some(KEY), co::REG_OPTION::default(), co::KEY::QUERY_VALUE).ok()?;
    let Ok(RegistryValue::Sz(line)) = key.RegQueryValueEx(Some(name)) else { return None };
    let (program, arguments) = line.strip_prefix('"')?.split_once('"').expect("the program is in quotes");
    let mut command = home.command_of(Path::new(program));
    command.raw_arg(arguments.trim_start());
    Some(command)
}

pub(super) fn clear(name: &str) {
    let key = HKEY::CURRENT_USER.RegOpenKeyEx(Some(KEY), co::REG_OPTION::default(), co::KEY::SET_VALUE);
    let _ = key.and_then(|key| key.RegDeleteValue(Some(name)));
}
