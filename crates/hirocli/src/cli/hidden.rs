//! The commands that only the server calls: the shim, and the plugins that come with this program.

use std::process::ExitCode;

use hiro_channel_sdk::Options;
use hiro_process::Exit;

use super::arguments::{Plugin, Shim};
use super::background::for_its_log;
use crate::runtime::{plugin_process, shim as shim_process};

/// Where there is no `exec` the shim ends as the program did.
pub(super) fn shim(shim: &Shim) -> anyhow::Result<Exit> {
    let (program, arguments) = shim.command.split_first().expect("clap asks for one word at least");
    shim_process::run(shim.server.as_ref(), shim.directory.as_deref(), program, arguments)
        .map_err(for_its_log)
}

pub(super) fn plugin(plugin: &Plugin) -> anyhow::Result<ExitCode> {
    let options = Options {
        log_dir: plugin.log_dir.clone(),
        log_level: plugin.log_level.clone(),
        token: std::env::var(Options::TOKEN_VARIABLE).ok(),
        ..Options::new(&plugin.hiro_ws)
    };
    plugin_process::run(plugin.name.into(), &plugin.pid_file, options).map_err(for_its_log)?;
    Ok(ExitCode::SUCCESS)
}
