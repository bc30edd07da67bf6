//! The one place of the command line that writes to stdout: text for people, or JSON.

use std::io::{self, ErrorKind, Write};

use anyhow::Context;
use hirogateway::report::SCHEMA;
use serde::Serialize;

/// How a result is printed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    pub(super) json: bool,
}

/// A result under the version of its form.
#[derive(Serialize)]
struct Versioned<'a, T> {
    schema: u32,
    #[serde(flatten)]
    result: &'a T,
}

impl Output {
    /// The result of a command.
    pub(super) fn result(self, result: &impl Serialize, text: &str) -> anyhow::Result<()> {
        self.versioned(&Versioned { schema: SCHEMA, result }, text)
    }

    /// A result that has its version already.
    pub(super) fn versioned(self, result: &impl Serialize, text: &str) -> anyhow::Result<()> {
        match self.json {
            true => write(&serde_json::to_string_pretty(result).context("could not form the JSON")?),
            false => write(text),
        }
    }

    /// A line for people only.
    pub(super) fn line(self, text: &str) -> anyhow::Result<()> {
        if self.json { Ok(()) } else { write(text) }
    }
}

/// A reader that has seen enough, such as `head`, is no failure.
fn write(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{}", text.trim_end()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("could not write to stdout")
        }
        _ => Ok(()),
    }
}
