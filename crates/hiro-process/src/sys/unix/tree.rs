//! The tree of a process: one look at all processes, then what belongs together.

use std::collections::HashSet;
use std::io;

use super::super::platform::{launch_id, list_processes};
use crate::identity::{Identity, StartTime};
use crate::pid::Pid;
use crate::tree::TreeQuery;

/// A process as the operating system lists it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listed {
    pub(crate) pid: Pid,
    pub(crate) parent: u32,
    pub(crate) group: u32,
    pub(crate) session: u32,
    pub(crate) start_time: StartTime,
    /// It is no zombie.
    pub(crate) lives: bool,
}

/// The live members of the tree, this process excepted.
pub(crate) fn tree_members(query: &TreeQuery) -> io::Result<Vec<Identity>> {
    let all = list_processes()?;
    let roots: Vec<Identity> = query.roots().filter(|root| !is_reused(*root, &all)).collect();
    // A descendant is never older than its ancestor.
    let oldest = query.roots().map(|root| root.start_time).min().unwrap_or(query.leader.start_time);
    let candidates: Vec<Candidate> = all
        .into_iter()
        .filter(|listed| listed.start_time >= oldest && listed.pid != Pid::current())
        .map(|listed| Candidate { launch_id: launch_id(listed.pid), listed })
        .collect();
    let mut members: HashSet<u32> = HashSet::new();
    loop {
        let found: Vec<u32> = candidates
            .iter()
            .filter(|candidate| !members.contains(&candidate.listed.pid.get()))
            .filter(|candidate| candidate.belongs(query, &roots, &members))
            .map(|candidate| candidate.listed.pid.get())
            .collect();
        if found.is_empty() {
            break;
        }
        members.extend(found);
    }
    let lives =
        |candidate: &&Candidate| members.contains(&candidate.listed.pid.get()) && candidate.listed.lives;
    Ok(candidates.iter().filter(lives).map(|candidate| candidate.listed.identity()).collect())
}

/// A number that another process bears now says nothing about sessions and parents any more.
fn is_reused(root: Identity, all: &[Listed]) -> bool {
    all.iter().any(|listed| listed.pid == root.pid && listed.start_time != root.start_time)
}

struct Candidate {
    listed: Listed,
    launch_id: Option<String>,
}

impl Candidate {
    /// The launch id in its environment decides where there is one: ours makes a member of a process that has lost
    /// every other tie, another one makes it another instance.
    fn belongs(&self, query: &TreeQuery, roots: &[Identity], members: &HashSet<u32>) -> bool {
        let is_root = roots.contains(&self.listed.identity());
        match (&self.launch_id, &query.launch_id) {
            (Some(found), Some(ours)) => found == ours || is_root,
            _ => is_root || self.is_tied(roots, members),
        }
    }

    /// Of the session or the process group that a root leads, or a child of a root or of a member.
    fn is_tied(&self, roots: &[Identity], members: &HashSet<u32>) -> bool {
        let Listed { session, group, parent, .. } = self.listed;
        let leads = |number: u32| roots.iter().any(|root| root.pid.get() == number);
        leads(session) || leads(group) || leads(parent) || members.contains(&parent)
    }
}

impl Listed {
    fn identity(&self) -> Identity {
        Identity { pid: self.pid, start_time: self.start_time }
    }
}
