//! How a plugin is run: what its row says becomes a command, and that a launch.

use std::path::{Path, PathBuf};

use hiro_process::{Error as ProcessError, Identity, Launch, uv_python_cmd};

use crate::database::ChannelPlugin;
use crate::runtime::plugin_process::BuiltIn;

/// The command of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// It comes with this program.
    BuiltIn(BuiltIn),
    /// Any program.
    Program(Vec<String>),
    /// Any program of a uv workspace.
    InUvWorkspace { workspace_root: PathBuf, words: Vec<String> },
}

impl Command {
    /// What the row says. A plugin that comes with this program is meant where it says nothing else: neither another
    /// command nor a uv workspace.
    pub(super) fn of(plugin: &ChannelPlugin) -> Self {
        let default = format!("hiro-channel-{}", plugin.name);
        let is_default = plugin.command.is_empty() || plugin.command == [default.as_str()];
        let words = if is_default { vec![default] } else { plugin.command.clone() };
        match (BuiltIn::named(&plugin.name), plugin.workspace_dir.as_str()) {
            (Some(built_in), "") if is_default => Self::BuiltIn(built_in),
            (_, "") => Self::Program(words),
            (_, root) => Self::InUvWorkspace { workspace_root: root.into(), words },
        }
    }

    /// The same, if it can be run: where there is no uv, outside its uv workspace.
    pub(super) fn as_can_be_run(&self) -> Self {
        match self {
            Self::InUvWorkspace { workspace_root, .. }
                if matches!(uv_python_cmd(workspace_root), Err(ProcessError::UvMissing { .. })) =>
            {
                self.without_uv()
            }
            _ => self.clone(),
        }
    }

    /// The same outside its uv workspace. Where there is no uv the shim fails to find it, and the plugin has a crash
    /// and a log that say so.
    fn without_uv(&self) -> Self {
        match self {
            Self::InUvWorkspace { words, .. } => {
                Self::Program([&["uv".to_owned(), "run".to_owned()], words.as_slice()].concat())
            }
            other => other.clone(),
        }
    }

    /// The launch by `program`, which has a plugin and a shim to offer. The shim runs inside uv, so that the instance is
    /// the plugin itself; and it looks the program up, so that a missing one is a crash of the plugin.
    pub(super) fn launch(&self, program: &Path, pid_file: &Path, server: &Identity, log: PathBuf) -> Launch {
        match self {
            Self::BuiltIn(plugin) => {
                Launch::native(program, log).args(["plugin", plugin.name(), "--pid-file"]).arg(pid_file)
            }
            Self::Program(words) => Launch::native(program, log).args(shim(server)).args(words),
            Self::InUvWorkspace { workspace_root, words } => {
                Launch::in_uv_workspace(workspace_root, program, log).args(shim(server)).args(words)
            }
        }
    }
}

fn shim(server: &Identity) -> [String; 4] {
    let server = serde_json::to_string(server).expect("an identity is two numbers");
    ["shim".to_owned(), "--server".to_owned(), server, "--".to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(name: &str, command: &[&str], workspace_dir: &str) -> ChannelPlugin {
        let command = command.iter().map(|word| (*word).to_owned()).collect();
        ChannelPlugin { command, workspace_dir: workspace_dir.to_owned(), ..ChannelPlugin::new(name) }
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn echo_and_devices_come_with_this_program_unless_their_row_says_otherwise() {
        assert_eq!(Command::of(&plugin("echo", &[], "")), Command::BuiltIn(BuiltIn::Echo));
        let devices = plugin("devices", &["hiro-channel-devices"], "");
        assert_eq!(Command::of(&devices), Command::BuiltIn(BuiltIn::Devices));
        let own = plugin("echo", &["my-echo", "--loud"], "");
        assert_eq!(Command::of(&own), Command::Program(words(&["my-echo", "--loud"])));
    }

    #[test]
    fn a_plugin_without_a_command_has_the_default_one() {
        let expected = Command::Program(words(&["hiro-channel-telegram"]));
        assert_eq!(Command::of(&plugin("telegram", &[], "")), expected);
    }

    #[test]
    fn a_uv_workspace_is_where_the_command_runs_and_without_uv_the_command_says_what_is_missing() {
        let command = Command::of(&plugin("devices", &[], "/src"));
        let expected = words(&["hiro-channel-devices"]);
        assert_eq!(command, Command::InUvWorkspace { workspace_root: "/src".into(), words: expected });
        let bare = words(&["uv", "run", "hiro-channel-devices"]);
        assert_eq!(command.without_uv(), Command::Program(bare));
    }
}
