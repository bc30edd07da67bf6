//! What a puppet can be told, as one line of text each.

use std::process::ExitCode;

use anyhow::{Context, bail};

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Announce(String),
    Ready,
    Exit(u8),
    /// Says what the clock shows, as the last thing before an exit.
    StderrClock,
    Stderr(String),
    Stdout(String),
    /// A process of its own, with this name and a script of its own.
    Spawn(String),
    IgnoreTerm,
    /// Writes a last line to stderr and exits with 0 when it is asked to end in the way that every program can be:
    /// SIGTERM or Ctrl-Break.
    SayGoodbye(String),
    OwnSession,
    Ping,
    Listen(u16),
    /// Binds a port as a server would; failing ends the puppet with an error.
    Serve(u16),
    WriteOldPid(String),
    LimitFileSize(u64),
    /// `PIDFILE|command|command`: another instance, started by this puppet.
    Start(String),
    /// `ROOT|PIDFILE|argument|argument`: a Python program of the uv workspace ROOT, behind the shim.
    StartPython(String),
    Restart(String),
    /// The same, without a shim: the program announces itself.
    StartKnowingPython(String),
    /// Becomes a program that does not know the rules.
    Shim(String),
    WaitForStop,
    /// Does nothing for so many milliseconds.
    HoldFor(u64),
    /// Writes to stderr, line after line, until it is ended.
    FloodStderr,
    /// Does nothing for an hour.
    Hold,
    ReadOnly(String),
    Status(String),
    /// Whether the process of that number lives, as this puppet's user sees it.
    Alive(u32),
    Environment(String),
    /// Its own program file.
    Executable,
    /// Its working directory.
    Directory,
    /// Its own arguments, separated by `|`.
    Arguments,
    /// What it was born with: session, descriptors, signals.
    Birth,
    AsNobody(Vec<String>),
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Outcome {
    Answer(String),
    Exit(ExitCode),
}

impl Command {
    pub(super) fn parse(line: &str) -> anyhow::Result<Self> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let text = || rest.to_owned();
        let number = || rest.parse().with_context(|| format!("`{rest}` in `{line}`"));
        Ok(match word {
            "announce" => Self::Announce(text()),
            "ready" => Self::Ready,
            "exit" => Self::Exit(u8::try_from(number()?)?),
            "stderr-clock" => Self::StderrClock,
            "stderr" => Self::Stderr(text()),
            "stdout" => Self::Stdout(text()),
            "shim" => Self::Shim(text()),
            "hold-for" => Self::HoldFor(number()?),
            "flood-stderr" => Self::FloodStderr,
            "hold" => Self::Hold,
            "wait-for-stop" => Self::WaitForStop,
            "read-only" => Self::ReadOnly(text()),
            "spawn" => Self::Spawn(text()),
            "ignore-term" => Self::IgnoreTerm,
            "say-goodbye" => Self::SayGoodbye(text()),
            "own-session" => Self::OwnSession,
            "ping" => Self::Ping,
            "listen" => Self::Listen(u16::try_from(number()?)?),
            "serve" => Self::Serve(u16::try_from(number()?)?),
            "write-old-pid" => Self::WriteOldPid(text()),
            "limit-file-size" => Self::LimitFileSize(number()?),
            "start" => Self::Start(text()),
            "start-knowing-python" => Self::StartKnowingPython(text()),
            "start-python" => Self::StartPython(text()),
            "restart" => Self::Restart(text()),
            "status" => Self::Status(text()),
            "alive" => Self::Alive(u32::try_from(number()?)?),
            "environment" => Self::Environment(text()),
            "executable" => Self::Executable,
            "directory" => Self::Directory,
            "arguments" => Self::Arguments,
            "birth" => Self::Birth,
            "as-nobody" => Self::AsNobody(rest.split('|').map(str::to_owned).collect()),
            _ => bail!("`{line}` is no command"),
        })
    }
}

impl Outcome {
    pub(super) fn done() -> Self {
        Self::Answer("ok".into())
    }

    pub(super) fn code(&self) -> Option<ExitCode> {
        match self {
            Self::Exit(code) => Some(*code),
            Self::Answer(_) => None,
        }
    }

    pub(super) fn answer(&self) -> &str {
        match self {
            Self::Answer(answer) => answer,
            Self::Exit(_) => "",
        }
    }
}
