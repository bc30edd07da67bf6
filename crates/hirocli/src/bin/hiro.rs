//! The program `hiro`; everything that it does is in the library.

use std::process::ExitCode;

use clap::Parser;
use hirocli::cli::{self, Arguments};

fn main() -> ExitCode {
    cli::run(&Arguments::parse()).unwrap_or_else(|error| cli::print_failure(&error))
}
