//! The puppet's program; see `hiro_testkit::puppet`.

use std::process::ExitCode;

fn main() -> anyhow::Result<ExitCode> {
    hiro_testkit::puppet::main()
}
