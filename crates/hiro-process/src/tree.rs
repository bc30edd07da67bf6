//! Everything that an instance's process has started and that still lives, and its end.
//!
//! Descendants are found by what they can't easily shed: their ancestry, their session and process group (Windows:
//! their job), and the launch id in their environment. A process with a launch id of its own is another instance and
//! left alone.

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::identity::{Identity, is_running};
use crate::pid::Pid;
use crate::record::Record;
use crate::sys;

/// Which tree is meant.
#[derive(Debug, Clone)]
pub(crate) struct TreeQuery {
    /// The process at the top; it may be gone.
    pub(crate) leader: Identity,
    /// What was spawned to start it, where that is another process: older, and perhaps still there.
    pub(crate) launcher: Option<Identity>,
    /// The launch that it belongs to.
    pub(crate) launch_id: Option<String>,
}

impl TreeQuery {
    pub(crate) fn of_record(record: &Record) -> Self {
        Self { leader: record.identity(), launcher: record.launcher, launch_id: record.launch_id.clone() }
    }

    /// The processes that everything else of the tree descends from.
    pub(crate) fn roots(&self) -> impl Iterator<Item = Identity> {
        std::iter::once(self.leader).chain(self.launcher)
    }

    /// The live members, the leader included.
    pub(crate) fn members(&self) -> Result<Vec<Identity>, Error> {
        sys::tree_members(self).map_err(Error::process("list the tree of", self.leader.pid))
    }
}

/// The live processes that do the work of `leader`: itself, and everything that it has started, other instances excepted.
/// Where `leader` is behind a launcher, that counts, too.
///
/// # Errors
/// The operating system doesn't list its processes.
pub fn tree_of(leader: &Identity) -> Result<Vec<Identity>, Error> {
    let query = TreeQuery { leader: *leader, launcher: None, launch_id: sys::launch_id(leader.pid) };
    let mut members = query.members()?;
    // A tree is otherwise asked about by somebody else, who is no part of it.
    if leader.pid == Pid::current() {
        members.push(*leader);
    }
    Ok(members)
}

/// Asks what is left of the tree to stop, waits until `deadline`, kills what remains, and returns when nothing of it
/// is left.
pub(crate) fn end(query: &TreeQuery, known: &[Identity], deadline: Instant) -> Result<(), Error> {
    let mut left = living(query, known)?;
    let mut asked = false;
    for identity in &left {
        asked |= act(identity, "signal", |process| process.request_stop(None))?.unwrap_or(false);
    }
    let deadline = if asked { deadline } else { deadline.min(Instant::now() + UNASKED_PATIENCE) };
    while !left.is_empty() && Instant::now() < deadline {
        wait_for_one(&left, deadline)?;
        left = living(query, known)?;
    }
    if left.is_empty() { Ok(()) } else { kill(query, known) }
}

/// How long those whom nothing asks may take to notice that their leader has gone (see `request_stop` on Windows).
const UNASKED_PATIENCE: Duration = Duration::from_millis(500);
/// How long the operating system may take to carry out a kill.
const KILL_PATIENCE: Duration = Duration::from_secs(10);

/// Kills the tree, again and again while it forks, until nothing is left of it.
pub(crate) fn kill(query: &TreeQuery, known: &[Identity]) -> Result<(), Error> {
    let deadline = Instant::now() + KILL_PATIENCE;
    loop {
        let left = living(query, known)?;
        if left.is_empty() {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(Error::StillAlive { pids: left.iter().map(|identity| identity.pid).collect() });
        }
        sys::kill_at_once(query, &left).map_err(Error::process("kill the tree of", query.leader.pid))?;
        for identity in &left {
            act(identity, "kill", sys::Process::kill)?;
        }
        wait_for_one(&left, deadline)?;
    }
}

fn living(query: &TreeQuery, known: &[Identity]) -> Result<Vec<Identity>, Error> {
    let mut members = query.members()?;
    members.extend(known.iter().filter(|identity| is_running(identity)));
    members.sort_unstable_by_key(|identity| identity.pid);
    members.dedup();
    Ok(members)
}

fn act<T>(
    identity: &Identity,
    action: &'static str,
    signal: impl Fn(&sys::Process) -> std::io::Result<T>,
) -> Result<Option<T>, Error> {
    let process = identity.open().map_err(Error::process("open", identity.pid))?;
    process.map(|process| signal(&process).map_err(Error::process(action, identity.pid))).transpose()
}

fn wait_for_one(left: &[Identity], deadline: Instant) -> Result<(), Error> {
    let Some(first) = left.first() else { return Ok(()) };
    let processes: Vec<sys::Process> = left.iter().filter_map(|identity| identity.open().ok()?).collect();
    if processes.len() < left.len() {
        return Ok(());
    }
    let patience = deadline.saturating_duration_since(Instant::now());
    let handles: Vec<&sys::Process> = processes.iter().collect();
    sys::wait_for_event(None, &handles, patience).map_err(Error::process("wait for", first.pid))
}
