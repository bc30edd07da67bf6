//! The children of this process that nobody waits for any more.
//!
//! A program that lives long, a server say, would collect a zombie for every child that ends after its start was
//! confirmed. Each is kept here and collected whenever this crate is asked something: nothing runs in the background.
//! How a process ended is remembered: nobody is told it twice, and most systems tell the parent alone.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::exit_report::Exit;
use crate::identity::Identity;
use crate::sys;

/// So many ends are remembered for a parent that asks late.
const REMEMBERED: usize = 256;

static CHILDREN: Mutex<Vec<Adopted>> = Mutex::new(Vec::new());
static ENDS: Mutex<VecDeque<(Identity, Exit)>> = Mutex::new(VecDeque::new());

#[derive(Debug)]
struct Adopted {
    child: sys::Child,
    /// The process that does the work, if the start was confirmed: the child itself, or what a launcher has started.
    worker: Option<Identity>,
}

/// Takes over a child whose owner has stopped caring.
pub(crate) fn adopt(child: sys::Child) {
    lock(&CHILDREN).push(Adopted { child, worker: None });
}

/// Takes over the child of a confirmed start.
pub(crate) fn adopt_run(child: sys::Child, worker: Identity) {
    lock(&CHILDREN).push(Adopted { child, worker: Some(worker) });
}

/// Collects those that have ended.
pub(crate) fn reap() {
    let mut children = lock(&CHILDREN);
    if children.is_empty() || !sys::child_has_ended() {
        return;
    }
    children.retain_mut(|adopted| match adopted.child.try_wait() {
        Ok(None) => true,
        Ok(Some(exit)) => {
            if let Some(worker) = adopted.worker {
                remember(worker, exit);
            }
            false
        }
        Err(_) => false,
    });
}

/// Keeps in mind how `worker` ended, for a status that comes later.
pub(crate) fn remember(worker: Identity, exit: Exit) {
    let mut ends = lock(&ENDS);
    if ends.len() >= REMEMBERED {
        ends.pop_front();
    }
    ends.push_back((worker, exit));
}

/// How that process ended, where this program was told.
pub(crate) fn how_ended(worker: &Identity) -> Option<Exit> {
    lock(&ENDS).iter().find(|(ended, _)| ended == worker).map(|(_, exit)| *exit)
}

/// Whether `worker` was started by this program, and what was spawned for it has not been collected yet.
pub(crate) fn is_awaited(worker: &Identity) -> bool {
    lock(&CHILDREN).iter().any(|adopted| adopted.worker == Some(*worker))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
