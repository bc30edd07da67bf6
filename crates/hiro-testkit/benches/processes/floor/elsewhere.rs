//! What no process layer can be faster than, with what std offers on every platform: a child's handle.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use hiro_testkit::program;

use super::measure::Samples;

pub(crate) const PID_READ: &str = "floor: process made, PID read at its end";
pub(crate) const EXIT_SEEN: &str = "floor: exit seen through the handle";

/// Runs a child that puts its PID into a file, and reads it when the child has ended.
pub(crate) fn pid_read(runs: usize) -> anyhow::Result<Samples> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("floor.pid");
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let begun = Instant::now();
        let mut child = Command::new(program("floor")).arg(&path).stdin(Stdio::null()).spawn()?;
        child.wait()?;
        let pid: u32 = fs::read_to_string(&path)?.parse()?;
        times.push(begun.elapsed());
        anyhow::ensure!(pid == child.id(), "another process's PID");
        fs::remove_file(&path)?;
    }
    Ok(Samples::new(times))
}

/// Kills a child and sees its end through its handle.
pub(crate) fn exit_seen(runs: usize) -> anyhow::Result<Samples> {
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let mut child = Command::new(program("puppet")).arg("hold").stdin(Stdio::null()).spawn()?;
        let begun = Instant::now();
        child.kill()?;
        child.wait()?;
        times.push(begun.elapsed());
    }
    Ok(Samples::new(times))
}
