//! POSIX: systems hand out a low limit for the sake of old programs, and let a process raise it.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit as far as the system lets it, and returns it; `None` when there is none.
pub(crate) fn raise_limit() -> Option<usize> {
    let limit = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    // Where the system does not let it, what was there before holds.
    let holds = if raised.is_ok() { limit.maximum } else { limit.current };
    holds.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX))
}
