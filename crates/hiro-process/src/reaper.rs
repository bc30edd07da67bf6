//! The children of this process that nobody waits for any more.
//!
//! A program that lives long, a server say, would collect a zombie for every child that ends after its start was
//! confirmed. Each is kept here and collected whenever this crate is asked something: nothing runs in the background.

use std::sync::{Mutex, PoisonError};

use crate::sys;

static CHILDREN: Mutex<Vec<sys::Child>> = Mutex::new(Vec::new());

/// Takes over a child whose owner has stopped caring.
pub(crate) fn adopt(child: sys::Child) {
    CHILDREN.lock().unwrap_or_else(PoisonError::into_inner).push(child);
}

/// Collects those that have ended.
pub(crate) fn reap() {
    let mut children = CHILDREN.lock().unwrap_or_else(PoisonError::into_inner);
    if !children.is_empty() && sys::child_has_ended() {
        children.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
    }
}
