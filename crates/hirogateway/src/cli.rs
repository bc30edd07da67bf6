//! The command line of the gateways, the same for `hirogate …` and `hiro gateway …`: it parses, calls the service, and
//! prints what comes back.

mod arguments;
mod background;
mod doctor;
mod failure;
mod foreground;
mod instances;
mod logs;
mod meaning;
mod output;
mod progress;
mod replace;
mod text;

use std::process::ExitCode;

use crate::service::{Gateways, StartRequest};

pub use arguments::Arguments;
pub use failure::{hint, print_failure, print_failure_with};
pub use output::Output;
pub use replace::replace;

use arguments::{Command, InstanceCommand};

/// Carries out what was typed. Without a command the default instance is started.
///
/// Returns 0 when it is as asked; `status NAME` has codes of its own, see
/// [`StateName::exit_code`](crate::report::StateName::exit_code).
///
/// # Errors
/// What the service says, or what the operating system says of the output. Nothing of it is printed yet: see
/// [`print_failure`].
pub fn run(arguments: &Arguments, gateways: &Gateways) -> anyhow::Result<ExitCode> {
    let output = Output { json: arguments.json };
    match &arguments.command {
        None => background::start(gateways, None, &StartRequest::default(), output),
        Some(Command::Start(start)) if start.foreground => foreground::run(gateways, start, output),
        Some(Command::Start(start)) => {
            background::start(gateways, start.which.name(), &start.how.request()?, output)
        }
        Some(Command::Stop(stop)) => background::stop(gateways, stop, output),
        Some(Command::Restart(restart)) => background::restart(gateways, restart, output),
        Some(Command::Status(which)) => background::status(gateways, which.name(), output),
        Some(Command::Teardown(teardown)) => instances::teardown(gateways, teardown, output),
        Some(Command::Logs(logs)) => logs::run(gateways, logs, output),
        Some(Command::Doctor(which)) => doctor::run(gateways, which.name(), output),
        Some(Command::Shim(shim)) => foreground::shim(shim),
        Some(Command::Instance { command }) => run_instance(command, gateways, output),
    }
}

fn run_instance(command: &InstanceCommand, gateways: &Gateways, output: Output) -> anyhow::Result<ExitCode> {
    match command {
        InstanceCommand::Create(create) => instances::create(gateways, create, output),
        InstanceCommand::List => instances::list(gateways, output),
        InstanceCommand::Update(update) => instances::update(gateways, update, output),
        InstanceCommand::Show(which) => instances::show(gateways, which.name(), output),
        InstanceCommand::SetDefault { name } => instances::set_default(gateways, name, output),
        InstanceCommand::Remove(remove) => instances::remove(gateways, remove, output),
    }
}
