//! The command line `hiro`: it parses, calls the tools and the league, and prints what comes back.

mod arguments;
mod background;
mod channels;
mod devices;
mod failure;
mod hidden;
mod league;
mod logs;
mod metrics;
mod progress;
mod server;
mod service_arguments;
mod service_text;
mod services;
mod text;
mod workspaces;

use std::process::ExitCode;

use hiro_process::Exit;
use hirogateway::cli::Output;

pub use arguments::Arguments;
pub use failure::print_failure;

use crate::context::Context;
use arguments::Command;

/// How the program ends.
#[derive(Debug)]
pub enum Ended {
    /// With an exit code of its own.
    Itself(ExitCode),
    /// As the program ended for which it stood.
    AsItsProgram(Exit),
}

/// Carries out what was typed.
///
/// Returns 0 when it is as asked; `status NAME` has codes of its own, see
/// [`StateName::exit_code`](hirogateway::report::StateName::exit_code).
///
/// # Errors
/// What the tools say, or what the operating system says of the output. It is not printed yet: see [`print_failure`].
pub fn run(arguments: &Arguments) -> anyhow::Result<Ended> {
    let output = Output { json: arguments.json };
    // A plugin and the shim know all that they need from their arguments: they may live where no home is.
    let context = Context::of_this_program;
    let code = match &arguments.command {
        Command::Up(up) => league::up(&context()?, up, output),
        Command::Down => league::down(&context()?, output),
        Command::Demo(demo) => league::demo(&context()?, demo, output),
        Command::Status { name: None, workspace: Some(workspace) } => {
            league::status_of_workspace(&context()?, workspace, output)
        }
        Command::Status { name, .. } => league::status(&context()?, name.as_deref(), output),
        Command::Start(start) => server::start(&context()?, start, output),
        Command::Stop(which) => server::stop(&context()?, which, output),
        Command::Restart(start) => server::restart(&context()?, start, output),
        Command::Channel(channel) => channels::run(&context()?, channel, output),
        Command::Uninstall(words) => workspaces::uninstall(&context()?, words, output),
        Command::Workspaces { command } => workspaces::run(&context()?, command, output),
        Command::Service { command } => services::run(&context()?, command, output),
        Command::Device { command } => devices::run(&context()?, command, output),
        Command::Logs { command } => logs::run(&context()?, command, output),
        Command::Metrics { command } => metrics::run(&context()?, command, output),
        Command::Gateway(gateway) => hirogateway::cli::run(gateway, &context()?.gateways),
        Command::Shim(shim) => return hidden::shim(shim).map(Ended::AsItsProgram),
        Command::Plugin(plugin) => hidden::plugin(plugin),
    };
    code.map(Ended::Itself)
}
