//! The program `hirogate`; everything that it does is in the library.

use std::process::ExitCode;

use clap::Parser;
use hirogateway::Gateways;
use hirogateway::cli::{self, Arguments};

/// Run gateways: each is a WebSocket relay between one desktop and its devices
///
/// Without a command, the default instance is started.
#[derive(Debug, Parser)]
#[command(name = "hirogate", version, after_help = AFTER_HELP)]
struct Program {
    #[command(flatten)]
    arguments: Arguments,
}

const AFTER_HELP: &str = "\
Exit codes: 0 it is as asked, 1 it failed, 2 usage; `status NAME` has codes of its own.

Environment:
  HIROGATE_INSTANCE  the instance that is meant when none is named
  HIROGATE_DATA_DIR  where the data are [default: `hirogate` in the user's data folder]";

fn main() -> ExitCode {
    let program = Program::parse();
    let outcome = Gateways::of_this_user(&[]).map_err(anyhow::Error::from);
    let outcome = outcome.and_then(|gateways| cli::run(&program.arguments, &gateways));
    outcome.unwrap_or_else(|error| cli::print_failure(&error))
}
