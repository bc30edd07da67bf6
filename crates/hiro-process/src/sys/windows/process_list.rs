//! Every process that there is to see, with its parent.

use std::collections::{HashMap, HashSet};
use std::io;
use std::os::windows::io::{AsRawHandle, OwnedHandle};

use windows_sys::Win32::Foundation::ERROR_NO_MORE_FILES;
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};

use super::super::tree::Listed;
use super::handle::{done, is, owned};
use super::job;
use super::process::process_start_time;
use crate::identity::StartTime;
use crate::pid::Pid;
use crate::tree::TreeQuery;

/// Every process that may be looked at; the members of the query's job count as its leader's session.
pub(crate) fn list_processes(query: &TreeQuery) -> io::Result<Vec<Listed>> {
    let in_job: HashSet<Pid> = job::members(query)?.into_iter().collect();
    let started: HashMap<Pid, (u32, u64)> = snapshot()?
        .into_iter()
        .filter_map(|(pid, parent)| Some((pid, (parent, process_start_time(pid).ok()??))))
        .collect();
    let listed = |(pid, (parent, start_time)): (&Pid, &(u32, u64))| Listed {
        pid: *pid,
        parent: if is_older(*parent, *start_time, &started) { *parent } else { 0 },
        group: 0,
        session: if in_job.contains(pid) { query.leader.pid.get() } else { 0 },
        start_time: StartTime(*start_time),
        lives: true,
    };
    Ok(started.iter().map(listed).collect())
}

/// Windows keeps the number of a parent that has gone, and gives it away again: a "parent" younger than its child is
/// another process.
fn is_older(parent: u32, start_time: u64, all: &HashMap<Pid, (u32, u64)>) -> bool {
    let bearer = Pid::try_from(parent).ok().and_then(|pid| all.get(&pid));
    bearer.is_none_or(|(_, parent_start_time)| *parent_start_time <= start_time)
}

/// The number of each process and of its parent.
fn snapshot() -> io::Result<Vec<(Pid, u32)>> {
    // SAFETY: a call on numbers; the handle is owned at once.
    let snapshot = owned(unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) })?;
    let mut found = Vec::new();
    let mut entry = PROCESSENTRY32W {
        dwSize: u32::try_from(size_of::<PROCESSENTRY32W>()).map_err(io::Error::other)?,
        ..Default::default()
    };
    let mut step = first(&snapshot, &mut entry);
    while step.is_ok() {
        found.extend(Pid::try_from(entry.th32ProcessID).ok().map(|pid| (pid, entry.th32ParentProcessID)));
        step = next(&snapshot, &mut entry);
    }
    match step {
        Err(error) if !is(&error, ERROR_NO_MORE_FILES) => Err(error),
        _ => Ok(found),
    }
}

fn first(snapshot: &OwnedHandle, entry: &mut PROCESSENTRY32W) -> io::Result<()> {
    // SAFETY: the handle is open, and `entry` says how large it is.
    done(unsafe { Process32FirstW(snapshot.as_raw_handle(), entry) })
}

fn next(snapshot: &OwnedHandle, entry: &mut PROCESSENTRY32W) -> io::Result<()> {
    // SAFETY: as above.
    done(unsafe { Process32NextW(snapshot.as_raw_handle(), entry) })
}
