//! The `main` of a plugin's program: what was typed, what the environment says, and the exit code.
//!
//! The server appends the same options to the command of every plugin, whoever wrote it. What is done with them is in
//! [`crate::process`].

use std::env;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches, Parser};

use crate::{Channel, Error, Options, process};

/// How long a plugin that somebody watches over goes on without a server: long enough for a restart.
pub(crate) const GIVE_UP_AFTER: Duration = Duration::from_secs(20);

/// Where a server of the first workspace has its plugin port.
const DEFAULT_SERVER: &str = "ws://127.0.0.1:18081";

/// The environment variable that the descendants of a started instance bear.
const LAUNCH_VARIABLE: &str = "HIRO_LAUNCH_ID";

#[derive(Debug, Parser)]
struct Arguments {
    /// Be the instance with this PID file; not needed where the server starts the plugin
    #[arg(long, value_name = "FILE")]
    pid_file: Option<PathBuf>,
    /// The server's plugin port
    #[arg(long, value_name = "URL", env = "HIRO_WS", default_value = DEFAULT_SERVER)]
    hiro_ws: String,
    /// Where to keep the log `channel-NAME.log` [default: nowhere, stderr alone]
    #[arg(long, value_name = "FOLDER")]
    log_dir: Option<PathBuf>,
    /// How much to log: DEBUG, INFO, WARNING, ERROR
    #[arg(long, value_name = "LEVEL", default_value = "INFO")]
    log_level: String,
}

/// The whole `main` of a plugin: reads `--hiro-ws`, `--log-dir`, `--log-level` and `--pid-file`, and runs `channel` until
/// the server or a signal ends it. One that a server has started ends by itself when there is no server any more.
///
/// ```no_run
/// use std::process::ExitCode;
///
/// use hiro_channel_sdk::echo::Echo;
///
/// fn main() -> ExitCode {
///     hiro_channel_sdk::main(Echo)
/// }
/// ```
#[must_use]
pub fn main<C: Channel>(channel: C) -> ExitCode {
    let description = channel.description();
    let command = Arguments::command().bin_name(description.name).about(description.summary);
    let arguments = match Arguments::from_arg_matches(&command.get_matches()) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    match process::run(channel, &arguments.options(), arguments.pid_file.as_deref()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure(&error),
    }
}

impl Arguments {
    fn options(&self) -> Options {
        let token = env::var(Options::TOKEN_VARIABLE).ok().filter(|token| !token.is_empty());
        let is_watched = token.is_some() || self.pid_file.is_some() || env::var_os(LAUNCH_VARIABLE).is_some();
        Options {
            log_dir: self.log_dir.clone(),
            log_level: self.log_level.clone(),
            token,
            give_up_after: is_watched.then_some(GIVE_UP_AFTER),
            ..Options::new(&self.hiro_ws)
        }
    }
}

/// The last line of stderr is what a crash is explained by.
fn failure(error: &Error) -> ExitCode {
    // Who closed stderr does not want to know.
    let _ = writeln!(std::io::stderr(), "error: {}", crate::error::with_causes(error));
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_options_fit_together_and_are_those_that_a_server_appends() {
        Arguments::command().debug_assert();
        let words = ["lines", "--hiro-ws", "ws://127.0.0.1:1", "--log-dir", "/l", "--log-level", "DEBUG"];
        let options = Arguments::parse_from(words).options();
        assert_eq!((options.hiro_ws.as_str(), options.log_level.as_str()), ("ws://127.0.0.1:1", "DEBUG"));
        assert_eq!(options.log_dir, Some(PathBuf::from("/l")));
    }

    #[test]
    fn an_instance_does_not_outlive_its_server() {
        let words = ["lines", "--pid-file", "/p.pid"];
        assert_eq!(Arguments::parse_from(words).options().give_up_after, Some(GIVE_UP_AFTER));
    }
}
