//! Elsewhere a port that listens keeps the length that it began with.

use std::io;
use std::net::TcpListener;

/// Leaves `listener` as it is.
#[expect(clippy::unnecessary_wraps, reason = "the same contract as on POSIX")]
pub(crate) fn lengthen(_listener: &TcpListener) -> io::Result<()> {
    Ok(())
}
