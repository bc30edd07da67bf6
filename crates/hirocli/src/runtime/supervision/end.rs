//! How a child has ended, for the machine that decides and for the people who read it.

use hiro_process::{Crash, Error as ProcessError, Exit, StartFailure, StartFailureCause};

use super::machine::End;
use crate::Error;
use crate::error::with_causes;
use crate::server::LastCrash;

/// How shells, and the shim, end where a command can't be run (126) or found (127).
const NO_SUCH_COMMAND: [Exit; 2] = [Exit::Code(126), Exit::Code(127)];

/// One end.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) end: End,
    /// What is known of it; nothing where somebody else has stopped it.
    pub(super) crash: Option<LastCrash>,
}

impl Ended {
    pub(super) fn by_others() -> Self {
        Self { end: End::ByOthers, crash: None }
    }

    pub(super) fn with(crash: &Crash) -> Self {
        let end = if crash.exit.is_some_and(Exit::is_success) { End::InOrder } else { End::Crash };
        Self { end, crash: Some(LastCrash::now(crash.to_string(), crash.stderr.clone())) }
    }

    pub(super) fn in_doubt(reason: &str) -> Self {
        Self { end: End::Crash, crash: Some(LastCrash::now(reason.to_owned(), Vec::new())) }
    }

    pub(super) fn start_failed(error: &Error) -> Self {
        let (reason, stderr) = match error {
            Error::Process(ProcessError::NotStarted(failure)) => (summary(failure), failure.stderr.clone()),
            other => (with_causes(other), Vec::new()),
        };
        let end = if is_hopeless(error) { End::Hopeless } else { End::Crash };
        Self { end, crash: Some(LastCrash::now(reason, stderr)) }
    }
}

/// Whether the next try would fail in the same way.
fn is_hopeless(error: &Error) -> bool {
    match error {
        Error::Process(ProcessError::NotStarted(failure)) => {
            matches!(failure.cause, StartFailureCause::Ended(Some(exit)) if NO_SUCH_COMMAND.contains(&exit))
        }
        Error::Process(ProcessError::Spawn { .. } | ProcessError::UvMissing { .. }) => true,
        _ => false,
    }
}

/// One line; the failure itself says everything in many.
fn summary(failure: &StartFailure) -> String {
    let what = match failure.cause {
        StartFailureCause::Ended(Some(exit)) => format!("it did not start: {exit}"),
        StartFailureCause::Deadline => {
            format!("it was not ready within {:.0} s and was ended", failure.waited.as_secs_f64())
        }
        _ => "it did not start".to_owned(),
    };
    match failure.stderr.last() {
        Some(line) => format!("{what}: {line}"),
        None => what,
    }
}
