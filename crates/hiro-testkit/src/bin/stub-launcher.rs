//! What `pythonw.exe` and a virtual environment's `python.exe` are on Windows: a launcher that starts the real program,
//! which has another PID.
//!
//! `stub-launcher stays PROGRAM ARGUMENT…` waits for it and ends as it does; `stub-launcher leaves …` is gone at once.

#![expect(clippy::print_stderr, reason = "the one place that prints")]

use std::env;
use std::process::{Command, ExitCode};

use anyhow::{Context, bail};

fn main() -> ExitCode {
    launch().unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn launch() -> anyhow::Result<ExitCode> {
    let mut words = env::args().skip(1);
    let (how, program) = words.next().zip(words.next()).context("`stays` or `leaves`, and a program")?;
    let mut child = Command::new(program).args(words).spawn()?;
    match how.as_str() {
        "stays" => Ok(child
            .wait()?
            .code()
            .and_then(|code| u8::try_from(code).ok())
            .map_or(ExitCode::FAILURE, ExitCode::from)),
        "leaves" => Ok(ExitCode::SUCCESS),
        _ => bail!("`{how}` is neither `stays` nor `leaves`"),
    }
}
