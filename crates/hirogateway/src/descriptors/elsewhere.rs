//! Where sockets are no descriptors of a bounded table.

/// There is no limit.
pub(crate) fn raise_limit() -> Option<usize> {
    None
}
