//! What can be typed after `hiro channel`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hirogateway::InstanceName;
use serde_json::Value;

use super::Which;

#[derive(Debug, Args)]
pub(in crate::cli) struct Channel {
    #[command(flatten)]
    pub(in crate::cli) which: Which,
    #[command(subcommand)]
    pub(in crate::cli) command: ChannelCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ChannelCommand {
    /// List the channels and how their plugins are
    List,
    /// Enter a new channel, and start its plugin if the server runs
    Add {
        /// The name of the new channel
        name: InstanceName,
        #[command(flatten)]
        row: Row,
        /// Enter it without starting its plugin
        #[arg(long)]
        disabled: bool,
        /// The program and its arguments, after `--` [default: `hiro-channel-NAME`]
        #[arg(last = true, value_name = "COMMAND")]
        words: Vec<String>,
    },
    /// Enter a channel or change it, with its command in one text
    Setup {
        /// The channel
        name: InstanceName,
        /// The program and its arguments, separated by spaces [default: `hiro-channel-NAME`]
        #[arg(short, long)]
        command: Option<String>,
        /// Start its plugin with the server; this is the default
        #[arg(long, overrides_with = "no_enable")]
        enable: bool,
        /// Don't start its plugin
        #[arg(long)]
        no_enable: bool,
    },
    /// Change a channel, and restart its plugin if the server runs
    Configure {
        /// The channel
        name: InstanceName,
        #[command(flatten)]
        row: Row,
        /// Take a key out of what the plugin is told
        #[arg(long, value_name = "KEY")]
        unset: Vec<String>,
        /// Another program and its arguments, after `--`
        #[arg(last = true, value_name = "COMMAND")]
        words: Vec<String>,
    },
    /// Not done by this program: it says what does
    Install {
        /// The channel
        name: InstanceName,
        /// The package [default: `hiro-channel-NAME`]
        #[arg(short, long)]
        package: Option<String>,
        /// From a folder that is being worked on
        #[arg(short, long)]
        editable: bool,
    },
    /// Stop the plugin of a channel and strike the channel out
    Remove {
        /// The channel
        name: String,
        /// Accepted for scripts that pass it: nothing is asked
        #[arg(short, long, hide = true)]
        yes: bool,
    },
    /// Have the plugin of a channel started with the server, and now if that runs
    Enable {
        /// The channel
        name: String,
    },
    /// Stop the plugin of a channel, and don't start it with the server any more
    Disable {
        /// The channel
        name: String,
    },
    /// Start the plugin of a channel, also one that was given up on
    Start {
        /// The channel
        name: String,
    },
    /// Stop the plugin of a channel until it is started or the server is
    Stop {
        /// The channel
        name: String,
    },
    /// Stop the plugin of a channel if it runs, and start it as it is configured now
    Restart {
        /// The channel
        name: String,
    },
    /// Say how all channels are, or one
    Status {
        /// The channel
        name: Option<String>,
    },
    /// Print what the plugin of a channel said on stderr
    Logs {
        /// The channel
        name: String,
        /// How many lines
        #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 40)]
        lines: usize,
        /// Go on with the lines that come, until Ctrl-C
        #[arg(short, long)]
        follow: bool,
    },
}

/// What a row has besides its name and its command.
#[derive(Debug, Args)]
pub(in crate::cli) struct Row {
    /// A key of what the plugin is told, and its value as JSON or else as text
    #[arg(long, value_name = "KEY=VALUE", value_parser = assignment)]
    pub(in crate::cli) set: Vec<(String, Value)>,
    /// The uv workspace that it runs in
    #[arg(long, value_name = "FOLDER")]
    pub(in crate::cli) workspace_dir: Option<PathBuf>,
}

fn assignment(text: &str) -> Result<(String, Value), String> {
    let (key, value) = text.split_once('=').ok_or("there is no `=` in it")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok((key.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::assignment;

    #[test]
    fn a_value_is_json_where_it_can_be_and_text_otherwise() {
        assert_eq!(assignment("a=7").unwrap(), ("a".to_owned(), json!(7)));
        assert_eq!(assignment("a=b=c").unwrap(), ("a".to_owned(), json!("b=c")));
        assert_eq!(assignment(r#"a={"x": [true]}"#).unwrap().1, json!({"x": [true]}));
        assert!(assignment("a").is_err());
    }
}
