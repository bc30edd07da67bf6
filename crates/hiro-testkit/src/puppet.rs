//! The puppet: a program that does what a test tells it, over the test's own socket, and ends when that socket does.
//!
//! Its arguments are commands too, carried out first and in order. Without a stage it carries them out and then waits
//! to be stopped: the benchmark's child.

mod commands;
mod process;

#[cfg(unix)]
mod posix;
#[cfg(unix)]
use posix as platform;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::ExitCode;

use commands::Command;
use process::Process;

/// The variable that holds the address of the stage.
pub const ADDRESS: &str = "PUPPET_ADDRESS";

/// The program's whole life.
///
/// # Errors
/// What a command of the script, or the socket, says.
pub fn main() -> anyhow::Result<ExitCode> {
    let mut script: Vec<String> = env::args().skip(1).collect();
    if let [word, program, arguments @ ..] = script.as_slice()
        && word == "shim"
    {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        return process::shim(program, &arguments);
    }
    // What a server appends to the command of every plugin is no command.
    script.truncate(script.iter().position(|word| word == "--").unwrap_or(script.len()));
    let name = match script.first().and_then(|first| first.strip_prefix("name ")) {
        Some(name) => name.to_owned(),
        None => "puppet".to_owned(),
    };
    let mut process = Process::default();
    let stage = env::var(ADDRESS).ok().map(TcpStream::connect).transpose()?;
    if let Some(mut stage) = stage.as_ref() {
        writeln!(stage, "{} {name}", std::process::id())?;
    }
    script.retain(|command| !command.starts_with("name "));
    for command in &script {
        if let Some(code) = process.obey(&Command::parse(command)?, stage.as_ref())?.code() {
            return Ok(code);
        }
    }
    match stage {
        Some(stage) => obey_stage(&mut process, &stage),
        None => process.wait_to_be_stopped(),
    }
}

fn obey_stage(process: &mut Process, mut stage: &TcpStream) -> anyhow::Result<ExitCode> {
    for line in BufReader::new(stage).lines() {
        let Ok(line) = line else { break };
        let answer = match process.obey(&Command::parse(&line)?, Some(stage)) {
            Ok(outcome) => match outcome.code() {
                Some(code) => return Ok(code),
                None => outcome.answer().to_owned(),
            },
            // An answer is one line.
            Err(error) => format!("error: {error:#}").replace('\n', " "),
        };
        if writeln!(stage, "{answer}").is_err() {
            break;
        }
    }
    process.end()
}
