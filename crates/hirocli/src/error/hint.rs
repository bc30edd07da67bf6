//! What a person reads of an error besides its message: its causes, and what can be done about it.

use std::error::Error as StdError;

use super::Error;

impl Error {
    /// What the user can do about it, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Process(error) | Self::Channel(hiro_channel_sdk::Error::Process(error)) => error.hint(),
            Self::Gateway(error) => error.hint(),
            Self::Service(error) => error.hint(),
            Self::ServerAway { .. } => Some("`hiro up` brings it up; `hiro status` says more".to_owned()),
            Self::NotAnswered { question: "/metrics", .. } => Some(
                "`hiro workspaces setup --metrics`, then `hiro restart`, has figures gathered".to_owned(),
            ),
            Self::Store(_) => Some("repair the file, or move it away; it is never overwritten".to_owned()),
            Self::ConfigMissing { .. } | Self::NoWorkspaces => {
                Some("`hiro up` sets up what is missing".to_owned())
            }
            Self::ChannelCrashed { stderr_log, .. } => {
                Some(format!("the whole log is `{}`; then `hiro restart`", stderr_log.display()))
            }
            Self::NotConnected { .. } | Self::NotReady { .. } => {
                Some("`hiro status` says where the logs are".to_owned())
            }
            Self::InstanceUnknown { .. } => Some("`hiro status` lists all instances".to_owned()),
            Self::NotAGateway { .. } => Some("an address is like `ws://127.0.0.1:8765`".to_owned()),
            Self::PortPromised { .. } => Some("`hiro workspaces list` shows whose port is whose".to_owned()),
            Self::WorkspaceRunning { name } => Some(format!("`hiro stop --workspace {name}` stops it")),
            Self::ChannelUnknown { .. } => Some("`hiro channel list` lists all channels".to_owned()),
            Self::ChannelExists { name } => Some(format!("`hiro channel configure {name}` changes it")),
            Self::RulesRefused { .. } => Some(
                r#"rules are like `--set 'supervision={"policy": "on-failure", "crashes": 3}'`"#.to_owned(),
            ),
            Self::OrderFailed { child, .. } => Some(format!("`hiro status {child}` says more")),
            Self::NotInstalledHere { name, package } => {
                Some(format!("`uv tool install {package}`, then `hiro channel setup {name}`"))
            }
            Self::ChannelDisabled { name } => Some(format!("`hiro channel enable {name}` enables it")),
            Self::WorkspaceIsDefault { .. } => {
                Some("make another one the default: `hiro workspaces set-default`".to_owned())
            }
            _ => None,
        }
    }
}

/// The message of an error and of everything that caused it, in one line.
#[must_use]
pub fn with_causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn the_causes_of_an_error_are_part_of_what_is_said() {
        let source = io::Error::other("the disk is on fire");
        let error = Error::Io { action: "read", path: PathBuf::from("/a"), source };
        assert_eq!(with_causes(&error), "could not read `/a`: the disk is on fire");
    }
}
