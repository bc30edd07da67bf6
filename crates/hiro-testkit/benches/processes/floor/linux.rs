//! What no process layer can be faster than, measured with bare system calls.

use std::fs;
use std::mem::MaybeUninit;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use hiro_testkit::program;
use rustix::event::{PollFd, PollFlags};
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use rustix::process::{Pid, PidfdFlags};

use super::measure::Samples;

pub(crate) const PID_READ: &str = "floor: fork, exec, PID read through inotify";
pub(crate) const EXIT_SEEN: &str = "floor: exit seen through a pidfd";

/// Runs a child that puts its PID into a file, and reads it when inotify reports the file.
pub(crate) fn pid_read(runs: usize) -> anyhow::Result<Samples> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("floor.pid");
    let watch = inotify::init(CreateFlags::CLOEXEC)?;
    inotify::add_watch(&watch, folder.path(), WatchFlags::MOVED_TO)?;
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let begun = Instant::now();
        let mut child = Command::new(program("floor")).arg(&path).stdin(Stdio::null()).spawn()?;
        inotify::Reader::new(&watch, &mut [MaybeUninit::uninit(); 512]).next()?;
        let pid: u32 = fs::read_to_string(&path)?.parse()?;
        times.push(begun.elapsed());
        anyhow::ensure!(pid == child.id(), "another process's PID");
        child.wait()?;
        fs::remove_file(&path)?;
    }
    Ok(Samples::new(times))
}

/// Kills a child and sees its end through a pidfd.
pub(crate) fn exit_seen(runs: usize) -> anyhow::Result<Samples> {
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        // With its stdin open it waits for ever.
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        let pid = Pid::from_raw(child.id().cast_signed()).context("a child has a PID")?;
        let handle = rustix::process::pidfd_open(pid, PidfdFlags::empty())?;
        let begun = Instant::now();
        child.kill()?;
        rustix::event::poll(&mut [PollFd::new(&handle, PollFlags::IN)], None)?;
        times.push(begun.elapsed().max(Duration::from_nanos(1)));
        child.wait()?;
    }
    Ok(Samples::new(times))
}
