//! Where the server of a workspace listens, and where others find it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use super::WorkspaceConfig;
use crate::Error;

impl WorkspaceConfig {
    /// Where the HTTP API listens.
    ///
    /// # Errors
    /// This machine does not know the host.
    pub fn http_address(&self) -> Result<SocketAddr, Error> {
        let host = self.http_host.as_str();
        let unusable = |source| Error::HostUnusable { host: host.to_owned(), source };
        let found = (host, self.http_port).to_socket_addrs().map_err(unusable)?.next();
        found.ok_or_else(|| unusable(io::ErrorKind::NotFound.into()))
    }

    /// Where the HTTP API tells its status. What listens on every address is found on this machine's own.
    ///
    /// ```
    /// use hirocli::workspace::WorkspaceConfig;
    ///
    /// let config = WorkspaceConfig { http_host: "0.0.0.0".to_owned(), ..WorkspaceConfig::default() };
    /// assert_eq!(config.status_url(), "http://127.0.0.1:18080/status");
    /// ```
    #[must_use]
    pub fn status_url(&self) -> String {
        let host = match self.http_host.parse() {
            Ok(IpAddr::V4(address)) if address.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
            Ok(IpAddr::V6(address)) if address.is_unspecified() => format!("[{}]", Ipv6Addr::LOCALHOST),
            Ok(IpAddr::V6(address)) => format!("[{address}]"),
            _ => self.http_host.clone(),
        };
        format!("http://{host}:{}/status", self.http_port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_is_unknown_is_named() {
        let config = WorkspaceConfig { http_host: "no such host".to_owned(), ..WorkspaceConfig::default() };
        let error = config.http_address().unwrap_err();
        assert!(error.to_string().contains("no such host"), "{error}");
    }

    #[test]
    fn an_address_of_the_sixth_version_is_bracketed() {
        let url = |host: &str| {
            WorkspaceConfig { http_host: host.to_owned(), ..WorkspaceConfig::default() }.status_url()
        };
        assert_eq!(url("::"), "http://[::1]:18080/status");
        assert_eq!(url("localhost"), "http://localhost:18080/status");
    }
}
