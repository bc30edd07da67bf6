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
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use commands::Command;
use process::Process;

/// What a puppet waits for.
#[derive(Debug)]
enum Event {
    /// A command of the stage.
    Line(String),
    /// The stage is gone, or somebody asks the puppet to stop.
    End,
}

/// The variable that holds the address of the stage.
pub const ADDRESS: &str = "PUPPET_ADDRESS";

/// Nanoseconds of the clock that all processes of this machine share.
///
/// # Errors
/// Where the system has none.
pub fn clock() -> anyhow::Result<i128> {
    platform::clock()
}

/// The program's whole life.
///
/// # Errors
/// What a command of the script, or the socket, says.
pub fn main(mut script: Vec<String>) -> anyhow::Result<ExitCode> {
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
    script.retain(|command| !command.starts_with("name "));
    let mut process = Process::default();
    let Ok(address) = env::var(ADDRESS) else {
        return match carry_out(&mut process, &script, None)? {
            Some(code) => Ok(code),
            None => process.wait_to_be_stopped(),
        };
    };
    let mut stage = TcpStream::connect(address)?;
    writeln!(stage, "{} {name}", std::process::id())?;
    let (sender, events) = mpsc::channel();
    match carry_out(&mut process, &script, Some(&sender))? {
        Some(code) => Ok(code),
        None => obey_stage(&mut process, stage, sender, &events),
    }
}

/// Its exit code, where a command of the script was its last one.
fn carry_out(
    process: &mut Process,
    script: &[String],
    events: Option<&Sender<Event>>,
) -> anyhow::Result<Option<ExitCode>> {
    for command in script {
        if let Some(code) = process.obey(&Command::parse(command)?, events)?.code() {
            return Ok(Some(code));
        }
    }
    Ok(None)
}

fn obey_stage(
    process: &mut Process,
    mut stage: TcpStream,
    sender: Sender<Event>,
    events: &Receiver<Event>,
) -> anyhow::Result<ExitCode> {
    let (lines, also) = (BufReader::new(stage.try_clone()?).lines(), sender.clone());
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let _ = also.send(Event::Line(line));
        }
        let _ = also.send(Event::End);
    });
    while let Ok(Event::Line(line)) = events.recv() {
        let answer = match process.obey(&Command::parse(&line)?, Some(&sender)) {
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
