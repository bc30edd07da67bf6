//! What a process has used, from `/proc`, and how many sockets this one may have.

use std::fs;
use std::time::Duration;

use anyhow::Context;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The processor time of all threads of `pid`, and of the children that it had (`uv` has one).
pub(crate) fn processor_time(pid: u32) -> anyhow::Result<Option<Duration>> {
    let mut nanoseconds = 0;
    for pid in with_children(pid) {
        for task in fs::read_dir(format!("/proc/{pid}/task"))? {
            let schedule = fs::read_to_string(task?.path().join("schedstat"))?;
            nanoseconds += schedule.split(' ').next().context("a time")?.parse::<u64>()?;
        }
    }
    Ok(Some(Duration::from_nanos(nanoseconds)))
}

/// The resident memory of `pid` and its children, in KiB.
pub(crate) fn resident_kib(pid: u32) -> anyhow::Result<Option<u64>> {
    let mut kib = 0;
    for pid in with_children(pid) {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("a size")?;
        kib += line.trim().trim_end_matches(" kB").parse::<u64>()?;
    }
    Ok(Some(kib))
}

/// Raises the limit of open descriptors as far as the system lets it, and returns it.
pub(crate) fn raise_descriptor_limit() -> anyhow::Result<Option<u64>> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    Ok(limit.maximum)
}

fn with_children(pid: u32) -> Vec<u32> {
    let listed = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let children = listed.split_whitespace().filter_map(|child| child.parse().ok());
    std::iter::once(pid).chain(children).collect()
}
