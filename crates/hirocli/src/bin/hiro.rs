//! The program `hiro`; everything that it does is in the library.

use std::process::ExitCode;

use clap::Parser;
use hirocli::cli::{self, Arguments, Ended};

fn main() -> ExitCode {
    match cli::run(&Arguments::parse()) {
        Ok(Ended::Itself(code)) => code,
        // On Windows a program may end with any number of 32 bits, which `ExitCode` can't hold.
        Ok(Ended::AsItsProgram(exit)) => std::process::exit(exit.code()),
        Err(error) => cli::print_failure(&error),
    }
}
