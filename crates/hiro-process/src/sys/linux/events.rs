//! Waiting: `poll` over an inotify descriptor and pidfds.

use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;

use super::super::unix::poll::poll;
use super::folder_watch::FolderWatch;
use super::process::Process;

/// Waits until something changes in the folder, one of the processes ends, or the time is up.
pub(crate) fn wait_for_event(
    watch: Option<&FolderWatch>,
    processes: &[&Process],
    timeout: Duration,
) -> io::Result<()> {
    let begun = Instant::now();
    loop {
        let folder = watch.map(|watch| (watch.as_fd(), PollFlags::IN));
        let mut descriptors: Vec<_> = folder
            .into_iter()
            .chain(processes.iter().map(|process| (process.as_fd(), PollFlags::IN)))
            .collect();
        if !poll(&mut descriptors, timeout.saturating_sub(begun.elapsed()))? {
            return Ok(());
        }
        let of_process = usize::from(watch.is_some());
        let process_ended = descriptors[of_process..].iter().any(|(_, events)| !events.is_empty());
        let folder_changed = watch.map_or(Ok(false), FolderWatch::drain)?;
        if process_ended || folder_changed {
            return Ok(());
        }
    }
}
