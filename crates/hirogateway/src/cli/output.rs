//! The one place of the command lines that writes to stdout: text for people, or JSON.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use anyhow::Context;
use serde::Serialize;

use crate::report::{Reports, SCHEMA};

/// How a result is printed.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// As JSON.
    pub json: bool,
}

/// A result under the version of its form.
#[derive(Serialize)]
struct Versioned<'a, T> {
    schema: u32,
    #[serde(flatten)]
    result: &'a T,
}

impl Output {
    /// Prints the result of a command that did what it was asked.
    ///
    /// # Errors
    /// What the operating system says of stdout; a reader that has closed it is no failure.
    pub fn result<T: Serialize>(self, result: &T, text: &str) -> anyhow::Result<ExitCode> {
        self.print(&Versioned { schema: SCHEMA, result }, text)
    }

    /// Prints rows, which have their version already.
    ///
    /// # Errors
    /// Those of [`result`](Self::result).
    pub fn reports(self, reports: &Reports, text: &str) -> anyhow::Result<ExitCode> {
        self.print(reports, text)
    }

    /// Prints a line for people only.
    ///
    /// # Errors
    /// Those of [`result`](Self::result).
    pub fn line(self, text: &str) -> anyhow::Result<()> {
        if self.json { Ok(()) } else { write(text) }
    }

    /// Prints one of many results, in one line; whether anybody still reads.
    ///
    /// # Errors
    /// Those of [`result`](Self::result).
    pub fn row<T: Serialize>(self, row: &T, text: &str) -> anyhow::Result<bool> {
        if self.json {
            try_write(&serde_json::to_string(row).context("could not form the JSON")?)
        } else {
            try_write(text)
        }
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
    try_write(text).map(drop)
}

/// Whether anybody still reads.
fn try_write(text: &str) -> anyhow::Result<bool> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{}", text.trim_end()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error).context("could not write to stdout"),
    }
}
