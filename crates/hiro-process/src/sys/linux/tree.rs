//! The tree of a process: one look at all of `/proc`, then what belongs together.

use std::collections::HashSet;
use std::io;

use super::procfs::{self, Stat};
use crate::identity::{Identity, StartTime};
use crate::pid::Pid;
use crate::tree::TreeQuery;

/// The live members of the tree, this process excepted.
pub(crate) fn tree_members(query: &TreeQuery) -> io::Result<Vec<Identity>> {
    let leader = query.leader;
    let all: Vec<Stat> = procfs::all_pids()?.into_iter().filter_map(|pid| Stat::read(pid).ok()?).collect();
    // A number that another process bears now says nothing about sessions and parents any more.
    let number_is_stale =
        all.iter().any(|stat| stat.pid == leader.pid && StartTime(stat.start_time) != leader.start_time);
    let candidates: Vec<Stat> = all.into_iter().filter(|stat| may_belong(stat, leader)).collect();
    let mut members: HashSet<Pid> = HashSet::new();
    loop {
        let before = members.len();
        for stat in candidates.iter().filter(|stat| stat.pid != Pid::current()) {
            let by_number = !number_is_stale && belongs_by_number(stat, leader.pid, &members);
            let by_parent = members.iter().any(|member| member.get() == stat.parent);
            if !members.contains(&stat.pid) && belongs(stat, query, by_number || by_parent) {
                members.insert(stat.pid);
            }
        }
        if members.len() == before {
            break;
        }
    }
    let identity = |stat: &Stat| Identity { pid: stat.pid, start_time: StartTime(stat.start_time) };
    Ok(candidates.iter().filter(|stat| members.contains(&stat.pid) && stat.lives()).map(identity).collect())
}

/// A descendant is never older than its ancestor.
fn may_belong(stat: &Stat, leader: Identity) -> bool {
    StartTime(stat.start_time) >= leader.start_time
}

fn belongs_by_number(stat: &Stat, leader: Pid, members: &HashSet<Pid>) -> bool {
    let leader_number = leader.get();
    stat.pid == leader
        || stat.session == leader_number
        || stat.group == leader_number
        || stat.parent == leader_number
        || members.iter().any(|member| member.get() == stat.parent)
}

/// The launch id in its environment decides where there is one: ours makes a member of a process that has lost every
/// other tie, another one makes it another instance.
fn belongs(stat: &Stat, query: &TreeQuery, tied: bool) -> bool {
    match (procfs::launch_id(stat.pid), &query.launch_id) {
        (Some(found), Some(ours)) if found == *ours => true,
        (Some(_), Some(_)) => stat.pid == query.leader.pid && tied,
        (Some(_), None) | (None, _) => tied,
    }
}
