//! When two instances want the same port: also when one names every address and the other one of them.

use std::net::IpAddr;

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
        let text = text.trim().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        match text.parse::<IpAddr>() {
            Ok(address) if address.is_unspecified() => Self::Every,
            Ok(address) => Self::Address(address.to_canonical()),
            Err(_) if text.is_empty() || text == "*" => Self::Every,
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

#[cfg(test)]
mod tests {
    use super::hosts_conflict;

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
