//! POSIX: who listens already may say again for how many. The standard library says 128, which a crowd fills in a
//! moment.

use std::io;
use std::net::TcpListener;

/// The system takes what it allows of this (`net.core.somaxconn` on Linux).
const CONNECTIONS: i32 = 4096;

/// Lets more connections wait for `listener`.
pub(crate) fn lengthen(listener: &TcpListener) -> io::Result<()> {
    Ok(rustix::net::listen(listener, CONNECTIONS)?)
}
