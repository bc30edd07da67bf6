//! Who listens on a TCP port: the socket's inode in `/proc/net`, then the process that has it open.

use std::fs;
use std::net::{IpAddr, SocketAddr};

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

/// Whether one of the processes has the client's socket of that connection open.
pub(crate) fn holds_connection(client: SocketAddr, server: SocketAddr, pids: &[Pid]) -> Option<bool> {
    let tables: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .collect();
    // Not being told of any connection is no answer.
    if tables.is_empty() {
        return None;
    }
    let (client, server) = (written(client), written(server));
    let lines = tables.iter().flat_map(|table| table.lines());
    let sockets: Vec<String> = lines
        .filter_map(|line| connected(line, &client, &server))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    Some(!sockets.is_empty() && pids.iter().any(|pid| has_open(*pid, &sockets)))
}

/// An address as the tables write it, in the one for IPv4 and in the one for IPv6.
fn written(address: SocketAddr) -> Vec<String> {
    let words = |octets: &[u8]| {
        let words =
            octets.chunks_exact(4).map(|word| u32::from_ne_bytes([word[0], word[1], word[2], word[3]]));
        words.map(|word| format!("{word:08X}")).collect::<String>()
    };
    let port = address.port();
    match address.ip() {
        IpAddr::V4(ip) => {
            let mapped = words(&ip.to_ipv6_mapped().octets());
            vec![format!("{}:{port:04X}", words(&ip.octets())), format!("{mapped}:{port:04X}")]
        }
        IpAddr::V6(ip) => vec![format!("{}:{port:04X}", words(&ip.octets()))],
    }
}

/// The inode in a line of the table, if it is of a socket that is connected so.
fn connected<'a>(line: &'a str, local: &[String], remote: &[String]) -> Option<&'a str> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let is = |place: usize, address: &[String]| {
        fields.get(place).is_some_and(|found| address.iter().any(|own| own == found))
    };
    (is(1, local) && is(2, remote)).then(|| fields.get(9).copied())?
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

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::holds_connection;
    use crate::pid::Pid;

    #[test]
    fn the_end_of_a_connection_is_its_holders_and_nobody_elses() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address) else { continue };
            let server = listener.local_addr().unwrap();
            let stream = TcpStream::connect(server).unwrap();
            let client = stream.local_addr().unwrap();
            assert_eq!(holds_connection(client, server, &[Pid::current()]), Some(true));
            assert_eq!(holds_connection(client, server, &[Pid::try_from(1).unwrap()]), Some(false));
            drop(stream);
            assert_eq!(holds_connection(client, client, &[Pid::current()]), Some(false));
        }
    }
}
