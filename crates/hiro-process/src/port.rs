//! A port that an instance is to listen on, and who else holds it.

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};

use crate::error::PortTaken;
use crate::pid::Pid;
use crate::sys;

/// A program that listens on a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortHolder {
    /// Its process.
    pub pid: Pid,
    /// Its name, as the operating system lists it.
    pub name: String,
}

impl fmt::Display for PortHolder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PID {} (`{}`)", self.pid, self.name)
    }
}

/// Whether somebody listens on `address` already, and who, where the operating system tells.
///
/// # Platform-specific behavior
/// Linux and Windows name the holder (on Linux only a process that the caller may look into: the same user's, or any
/// for root); macOS does not tell.
#[must_use]
pub fn port_taken(address: SocketAddr) -> Option<PortTaken> {
    match TcpListener::bind(address) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            Some(PortTaken { port: address.port(), holder: sys::port_holder(address.port()) })
        }
        // Windows says so of a port that its holder asked to have alone, and every system of one that nobody may bind.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => sys::port_holder(address.port())
            .map(|holder| PortTaken { port: address.port(), holder: Some(holder) }),
        _ => None,
    }
}
