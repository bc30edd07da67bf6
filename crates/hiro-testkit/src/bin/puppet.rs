//! The puppet's program; see `hiro_testkit::puppet`.

use std::process::ExitCode;

fn main() -> ExitCode {
    hiro_testkit::puppet::main().unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
