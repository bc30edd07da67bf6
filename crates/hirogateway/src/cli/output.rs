//! The one place of the command line that writes to stdout: text for people, or JSON.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use anyhow::Context;
use serde::Serialize;

use crate::report::{Reports, SCHEMA};

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
    /// The result of a command that did what it was asked.
    pub(super) fn result<T: Serialize>(self, result: &T, text: &str) -> anyhow::Result<ExitCode> {
        self.print(&Versioned { schema: SCHEMA, result }, text)
    }

    /// Rows, which have their version already.
    pub(super) fn reports(self, reports: &Reports, text: &str) -> anyhow::Result<ExitCode> {
        self.print(reports, text)
    }

    /// A line for people only.
    pub(super) fn line(self, text: &str) -> anyhow::Result<()> {
        if self.json { Ok(()) } else { write(text) }
    }

    fn print(self, value: &impl Serialize, text: &str) -> anyhow::Result<ExitCode> {
        if self.json {
            write(&serde_json::to_string_pretty(value).context("could not form the JSON")?)?;
        } else {
            write(text)?;
        }
        Ok(ExitCode::SUCCESS)
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
