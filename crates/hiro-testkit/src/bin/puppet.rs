//! The puppet's program; see `hiro_testkit::puppet`.

#![expect(clippy::print_stderr, reason = "the one place that prints")]

use std::process::ExitCode;

fn main() -> ExitCode {
    hiro_testkit::puppet::main(std::env::args().skip(1).collect()).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
