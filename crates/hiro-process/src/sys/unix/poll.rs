//! `poll` with a deadline that interruptions don't move.

use std::io;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;

/// Waits for one of the descriptors, and replaces the flags of each by what happened; whether anything did in time.
pub(in super::super) fn poll(
    descriptors: &mut [(BorrowedFd<'_>, PollFlags)],
    timeout: Duration,
) -> io::Result<bool> {
    let begun = Instant::now();
    loop {
        let mut polled: Vec<PollFd<'_>> = descriptors
            .iter()
            .map(|(descriptor, events)| PollFd::from_borrowed_fd(*descriptor, *events))
            .collect();
        let left = Timespec::try_from(timeout.saturating_sub(begun.elapsed())).ok();
        match rustix::event::poll(&mut polled, left.as_ref()) {
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
            Ok(ready) => {
                let events: Vec<PollFlags> = polled.iter().map(PollFd::revents).collect();
                descriptors.iter_mut().zip(events).for_each(|((_, flags), happened)| *flags = happened);
                return Ok(ready > 0);
            }
        }
    }
}
