//! Who listens on a TCP port.

use std::io;
use std::net::SocketAddr;

use windows_sys::Win32::Foundation::ERROR_INSUFFICIENT_BUFFER;
use windows_sys::Win32::NetworkManagement::IpHelper::{
    GetExtendedTcpTable, MIB_TCP6ROW_OWNER_PID, MIB_TCPROW_OWNER_PID, TCP_TABLE_CLASS,
    TCP_TABLE_OWNER_PID_CONNECTIONS, TCP_TABLE_OWNER_PID_LISTENER,
};
use windows_sys::Win32::Networking::WinSock::{AF_INET, AF_INET6};

use super::process::Process;
use crate::pid::Pid;
use crate::port::PortHolder;

/// The process that listens on `port`, where the system tells: Wine lists some listeners as nobody's.
pub(crate) fn port_holder(port: u16) -> Option<PortHolder> {
    let pid = Pid::try_from(listener(port)?).ok()?;
    let name = Process::open(pid).ok().flatten().and_then(|process| process.name().ok());
    Some(PortHolder { pid, name: name.unwrap_or_default() })
}

/// The number of that process; 0 where it isn't told.
fn listener(port: u16) -> Option<u32> {
    let v4 = rows::<MIB_TCPROW_OWNER_PID>(AF_INET, TCP_TABLE_OWNER_PID_LISTENER).unwrap_or_default();
    let v6 = rows::<MIB_TCP6ROW_OWNER_PID>(AF_INET6, TCP_TABLE_OWNER_PID_LISTENER).unwrap_or_default();
    let listeners = v4.iter().map(|row| (row.dwLocalPort, row.dwOwningPid));
    listeners
        .chain(v6.iter().map(|row| (row.dwLocalPort, row.dwOwningPid)))
        .find(|(local_port, _)| host_order(*local_port) == port)
        .map(|(_, number)| number)
}

/// The two lower bytes, in the order of the network.
fn host_order(port: u32) -> u16 {
    let [first, second, ..] = port.to_le_bytes();
    u16::from_be_bytes([first, second])
}

/// Whether one of the processes has the client's end of that connection. A port that the system gave out for one address
/// of a family is that address's alone, so that the ports name the connection.
pub(crate) fn holds_connection(client: SocketAddr, server: SocketAddr, pids: &[Pid]) -> Option<bool> {
    let number = match client.is_ipv4() {
        true => {
            let rows = rows::<MIB_TCPROW_OWNER_PID>(AF_INET, TCP_TABLE_OWNER_PID_CONNECTIONS).ok()?;
            let owners = rows.iter().map(|row| (row.dwLocalPort, row.dwRemotePort, row.dwOwningPid));
            owner(owners, client, server)
        }
        false => {
            let rows = rows::<MIB_TCP6ROW_OWNER_PID>(AF_INET6, TCP_TABLE_OWNER_PID_CONNECTIONS).ok()?;
            let owners = rows.iter().map(|row| (row.dwLocalPort, row.dwRemotePort, row.dwOwningPid));
            owner(owners, client, server)
        }
    };
    match number {
        // Wine lists connections as nobody's, or not at all.
        None | Some(0) => None,
        Some(number) => Some(pids.iter().any(|pid| pid.get() == number)),
    }
}

fn owner(rows: impl Iterator<Item = (u32, u32, u32)>, client: SocketAddr, server: SocketAddr) -> Option<u32> {
    let mut rows = rows.map(|(local, remote, owner)| (host_order(local), host_order(remote), owner));
    let found = rows.find(|(local, remote, _)| *local == client.port() && *remote == server.port());
    found.map(|(_, _, owner)| owner)
}

/// The listeners or the connections of one family: a count, then as many rows.
fn rows<Row: Copy>(family: u16, class: TCP_TABLE_CLASS) -> io::Result<Vec<Row>> {
    let mut length = 0;
    loop {
        // Words of four bytes: the alignment of the count and of the rows.
        let mut table = vec![0_u32; usize::try_from(length).map_err(io::Error::other)?.div_ceil(4)];
        // SAFETY: `table` has at least `length` bytes; the call writes no more, and tells how many it needs.
        let code = unsafe {
            GetExtendedTcpTable(table.as_mut_ptr().cast(), &raw mut length, 0, family.into(), class, 0)
        };
        match code {
            0 => return Ok(parse(&table)),
            // More have begun to listen since the length was told.
            ERROR_INSUFFICIENT_BUFFER => {}
            code => return Err(io::Error::from_raw_os_error(code.cast_signed())),
        }
    }
}

fn parse<Row: Copy>(table: &[u32]) -> Vec<Row> {
    let Some((count, rows)) = table.split_first() else { return Vec::new() };
    let room = size_of_val(rows) / size_of::<Row>();
    let count = usize::try_from(*count).unwrap_or_default().min(room);
    // SAFETY: both kinds of rows consist of words of four bytes, any values of which are valid, and `count` of them are
    // within `rows`.
    unsafe { std::slice::from_raw_parts(rows.as_ptr().cast::<Row>(), count) }.to_vec()
}

#[cfg(test)]
mod tests {
    use super::{listener, port_holder};
    use crate::pid::Pid;
    use std::net::TcpListener;

    #[test]
    fn a_listener_of_this_process_is_listed_and_named_or_nobodys() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let bound = TcpListener::bind(address).unwrap();
            let port = bound.local_addr().unwrap().port();
            let number = listener(port).unwrap();
            assert!(number == 0 || number == std::process::id(), "{number}");
            if let Some(holder) = port_holder(port) {
                assert_eq!(holder.pid, Pid::current());
                assert!(holder.name.ends_with(".exe"), "{holder}");
            }
        }
    }
}
