//! What the host and the port of an instance mean: where it listens, how that is written, and when two instances want
//! the same.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};

/// Where to listen: of several addresses the first one of IPv4, which every peer can reach.
pub(crate) fn socket_address(host: &str, port: u16) -> io::Result<SocketAddr> {
    let host = bare(host);
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(SocketAddr::new(address, port));
    }
    if is_wildcard(host) {
        return Ok(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)));
    }
    let found: Vec<SocketAddr> = (host, port).to_socket_addrs()?.collect();
    let address = found.iter().find(|address| address.is_ipv4()).or_else(|| found.first()).copied();
    address.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "it has no address"))
}

/// Where a gateway is to be reached, as far as its own configuration tells, and `with_tls` or without it.
pub(crate) fn url(host: &str, port: impl std::fmt::Display, with_tls: bool) -> String {
    let scheme = if with_tls { "wss" } else { "ws" };
    match bare(host) {
        host if is_wildcard(host) => format!("{scheme}://{}:{port}", Ipv4Addr::UNSPECIFIED),
        host if host.contains(':') => format!("{scheme}://[{host}]:{port}"),
        host => format!("{scheme}://{host}:{port}"),
    }
}

/// Whether nothing can listen on both hosts with one port.
pub(crate) fn hosts_conflict(one: &str, other: &str) -> bool {
    match (Host::read(one), Host::read(other)) {
        (Host::Every, _) | (_, Host::Every) => true,
        (Host::Localhost, host) | (host, Host::Localhost) => host.is_loopback(),
        (one, other) => one == other,
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Host {
    Every,
    Localhost,
    Address(IpAddr),
    Name(String),
}

impl Host {
    fn read(text: &str) -> Self {
        let text = bare(text).to_ascii_lowercase();
        match text.parse::<IpAddr>() {
            Ok(address) if address.is_unspecified() => Self::Every,
            Ok(address) => Self::Address(address.to_canonical()),
            Err(_) if is_wildcard(&text) => Self::Every,
            Err(_) if text == "localhost" => Self::Localhost,
            Err(_) => Self::Name(text),
        }
    }

    /// `localhost` is both `127.0.0.1` and `::1`, but not the rest of `127.0.0.0/8`.
    fn is_loopback(&self) -> bool {
        match self {
            Self::Localhost => true,
            Self::Address(address) => ["127.0.0.1", "::1"].contains(&address.to_string().as_str()),
            Self::Every | Self::Name(_) => false,
        }
    }
}

/// Without the brackets of an IPv6 address.
fn bare(host: &str) -> &str {
    host.trim().trim_start_matches('[').trim_end_matches(']')
}

fn is_wildcard(host: &str) -> bool {
    host.is_empty() || host == "*"
}

#[cfg(test)]
mod tests {
    use super::{hosts_conflict, socket_address, url};

    #[test]
    fn a_host_is_an_address_to_listen_on_and_a_url() {
        for (host, address, at) in [
            ("127.0.0.1", "127.0.0.1:80", "ws://127.0.0.1:80"),
            ("", "0.0.0.0:80", "ws://0.0.0.0:80"),
            ("[::1]", "[::1]:80", "ws://[::1]:80"),
            ("localhost", "127.0.0.1:80", "ws://localhost:80"),
        ] {
            assert_eq!(socket_address(host, 80).unwrap().to_string(), address);
            assert_eq!(url(host, 80, false), at);
            assert_eq!(url(host, 80, true), at.replacen("ws:", "wss:", 1));
        }
        assert!(socket_address("no host", 80).is_err());
    }

    #[test]
    fn every_address_conflicts_with_each_of_them() {
        for every in ["0.0.0.0", "::", "[::]", "", "*"] {
            for host in ["127.0.0.1", "localhost", "192.168.1.5", "::1", "example.org", "0.0.0.0"] {
                assert!(hosts_conflict(every, host) && hosts_conflict(host, every), "`{every}` `{host}`");
            }
        }
    }

    #[test]
    fn two_spellings_of_one_address_conflict() {
        for (one, other) in [
            ("localhost", "127.0.0.1"),
            ("LOCALHOST", "::1"),
            ("::ffff:127.0.0.1", "127.0.0.1"),
            ("Example.org", "example.org"),
        ] {
            assert!(hosts_conflict(one, other) && hosts_conflict(other, one), "`{one}` `{other}`");
        }
    }

    #[test]
    fn two_different_addresses_do_not_conflict() {
        for (one, other) in [
            ("127.0.0.1", "192.168.1.5"),
            ("localhost", "192.168.1.5"),
            ("localhost", "127.0.0.2"),
            ("127.0.0.1", "::1"),
        ] {
            assert!(!hosts_conflict(one, other), "`{one}` `{other}`");
        }
    }
}
