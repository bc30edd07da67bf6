//! Patience with a virus scanner, an indexer or a reader that holds a file open for a moment.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, ERROR_LOCK_VIOLATION, ERROR_SHARING_VIOLATION};

use super::handle::is;

/// Few enough looks to cost nothing; nothing tells when a stranger closes a file.
const POLL: Duration = Duration::from_millis(5);

/// Repeats `action` while somebody else's handle stands in its way, `patience` at the longest.
pub(super) fn while_busy<T>(patience: Duration, mut action: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let begun = Instant::now();
    loop {
        match action() {
            Err(error) if is_busy(&error) && begun.elapsed() < patience => thread::sleep(POLL),
            outcome => return outcome,
        }
    }
}

/// A file that is about to be deleted, or a target that is open, is refused with "access denied", too.
fn is_busy(error: &io::Error) -> bool {
    [ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION, ERROR_ACCESS_DENIED].iter().any(|code| is(error, *code))
}
