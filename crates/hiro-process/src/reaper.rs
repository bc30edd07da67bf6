//! The children of this process that nobody waits for any more.
//!
//! A program that lives long, a server say, would collect a zombie for every child that ends after its start was
//! confirmed. Each is kept here and collected whenever this crate is asked something: nothing runs in the background.
//! How the last of them ended is remembered: a status of a crash can then tell.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use crate::exit_report::Exit;
use crate::sys;

/// So many ends are remembered.
const REMEMBERED: usize = 64;

#[derive(Debug)]
struct Children {
    /// With the launch that each was spawned for.
    running: Vec<(sys::Child, Option<String>)>,
    ended: VecDeque<(String, Exit)>,
}

static CHILDREN: Mutex<Children> = Mutex::new(Children { running: Vec::new(), ended: VecDeque::new() });

/// Takes over a child whose owner has stopped caring, and the id of the launch that it was spawned for.
pub(crate) fn adopt(child: sys::Child, launch_id: Option<String>) {
    CHILDREN.lock().unwrap_or_else(PoisonError::into_inner).running.push((child, launch_id));
}

/// Collects those that have ended.
pub(crate) fn reap() {
    let mut children = CHILDREN.lock().unwrap_or_else(PoisonError::into_inner);
    if !children.running.is_empty() && sys::child_has_ended() {
        let Children { running, ended } = &mut *children;
        running.retain_mut(|(child, launch_id)| match child.try_wait() {
            Ok(None) => true,
            Ok(Some(exit)) => {
                ended.extend(launch_id.take().map(|id| (id, exit)));
                false
            }
            Err(_) => false,
        });
        let forgotten = ended.len().saturating_sub(REMEMBERED);
        ended.drain(..forgotten);
    }
}

/// How the child ended that was spawned for this launch, if this process has seen it lately.
pub(crate) fn exit_of(launch_id: &str) -> Option<Exit> {
    let children = CHILDREN.lock().unwrap_or_else(PoisonError::into_inner);
    children.ended.iter().rev().find(|(id, _)| id == launch_id).map(|(_, exit)| *exit)
}
