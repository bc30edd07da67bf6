//! What Windows does to a whole tree through its job object: POSIX systems have none, and need none of it.

use std::io;

use crate::identity::Identity;
use crate::tree::TreeQuery;

/// A session and an environment stay with the tree by themselves.
pub(crate) fn hold_tree(_query: &TreeQuery) -> io::Result<()> {
    Ok(())
}

/// No call ends a tree at once; its members are killed one by one, until none is left.
pub(crate) fn kill_at_once(_query: &TreeQuery, _members: &[Identity]) -> io::Result<()> {
    Ok(())
}
