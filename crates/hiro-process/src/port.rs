//! A port that an instance is to listen on, and who else holds it.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::error::PortTaken;
use crate::pid::Pid;
use crate::state::Run;
use crate::sys;
use crate::tree::TreeQuery;

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

/// Whether it is this very run that listens on `address`: its process, or one that this has started.
///
/// Nothing is opened for the question, so that a program which is about to listen there is not kept from it.
///
/// # Platform-specific behavior
/// Where the operating system does not tell who listens (macOS), it counts if anybody answers there.
#[must_use]
pub fn is_served_by(address: SocketAddr, run: &Run) -> bool {
    match sys::port_holder(address.port()) {
        Some(holder) => belongs_to(holder.pid, run),
        None => cfg!(target_os = "macos") && answers(address),
    }
}

/// Whether it is this very run that has the client's end of a connection within this machine: its process, or one that
/// this has started. `None` where the operating system does not tell.
///
/// # Platform-specific behavior
/// Linux and Windows tell (on Linux only of processes that the caller may look into; a connection of any other process
/// is none of the run's); macOS does not, nor does Wine.
#[must_use]
pub fn is_connected_by(client: SocketAddr, server: SocketAddr, run: &Run) -> Option<bool> {
    let mut pids = vec![run.identity.pid];
    if let Some(members) =
        run.record.as_deref().and_then(|record| TreeQuery::of_record(record).members().ok())
    {
        pids.extend(members.iter().map(|member| member.pid));
    }
    sys::holds_connection(client, server, &pids)
}

fn belongs_to(pid: Pid, run: &Run) -> bool {
    let members = || TreeQuery::of_record(run.record.as_deref()?).members().ok();
    run.identity.pid == pid || members().is_some_and(|all| all.iter().any(|member| member.pid == pid))
}

/// How long a program of this machine may take to be reached.
const ANSWERS_WITHIN: Duration = Duration::from_millis(200);

fn answers(address: SocketAddr) -> bool {
    let mut reached = address;
    reached.set_ip(match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    });
    TcpStream::connect_timeout(&reached, ANSWERS_WITHIN).is_ok()
}
