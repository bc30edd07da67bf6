//! Who listens on a TCP port: the socket's inode in `/proc/net`, then the process that has it open.

use std::fs;

use super::procfs;
use crate::pid::Pid;
use crate::port::PortHolder;

/// The state `TCP_LISTEN` as `/proc/net/tcp` writes it.
const LISTENING: &str = "0A";

/// The process that listens on `port`, where it may be looked into.
pub(crate) fn port_holder(port: u16) -> Option<PortHolder> {
    let inodes: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| table.lines().filter_map(|line| listener(line, port)).collect::<Vec<_>>())
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    let pid = procfs::all_pids().ok()?.into_iter().find(|pid| has_open(*pid, &inodes))?;
    Some(PortHolder { pid, name: procfs::name(pid) })
}

/// The inode in a line of the table, if it is of a socket that listens on `port`.
fn listener(line: &str, port: u16) -> Option<String> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let (_, local_port) = fields.get(1)?.rsplit_once(':')?;
    let matches = u16::from_str_radix(local_port, 16) == Ok(port) && *fields.get(3)? == LISTENING;
    matches.then(|| fields.get(9).map(|inode| (*inode).to_owned()))?
}

fn has_open(pid: Pid, sockets: &[String]) -> bool {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    descriptors
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .any(|target| sockets.iter().any(|socket| target.as_os_str() == socket.as_str()))
}
