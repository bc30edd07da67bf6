//! The address of a NATS server, which may hold a password: it is never shown.

use std::fmt;
use std::str::FromStr;

use async_nats::ServerAddr;
use thiserror::Error;

/// `nats://HOST:PORT`, with `USER:PASSWORD@` before the host where the server asks for that.
#[derive(Clone, PartialEq, Eq)]
pub struct BusUrl(String);

/// What was given is no address of a NATS server.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no address of a NATS server, such as `nats://127.0.0.1:4222`")]
pub struct InvalidBusUrl;

impl BusUrl {
    /// The whole address, the password included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it holds a password, which has no place on a command line that others can read.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.0.contains('@')
    }
}

impl FromStr for BusUrl {
    type Err = InvalidBusUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address = ServerAddr::from_str(text).map_err(|_| InvalidBusUrl)?;
        let is_nats = text.starts_with("nats://") && !address.is_websocket() && !address.host().is_empty();
        if is_nats { Ok(Self(text.to_owned())) } else { Err(InvalidBusUrl) }
    }
}

impl fmt::Debug for BusUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Display for BusUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.0.rsplit_once('@').map_or(&self.0["nats://".len()..], |(_, place)| place);
        write!(formatter, "nats://{place}")
    }
}

#[cfg(test)]
mod tests {
    use super::{BusUrl, InvalidBusUrl};

    #[test]
    fn the_password_is_never_shown() {
        let url: BusUrl = "nats://ada:secret@example.org:4222".parse().unwrap();
        assert_eq!((format!("{url}"), url.has_password()), ("nats://example.org:4222".into(), true));
        assert!(!format!("{url:?}").contains("secret"));
        assert!(url.as_str().contains("secret"));
    }

    #[test]
    fn what_is_no_nats_server_is_refused() {
        for text in ["", "nats://", "http://a", "ws://a:1", "127.0.0.1:4222", "nats://a:b:c"] {
            assert_eq!(text.parse::<BusUrl>(), Err(InvalidBusUrl), "`{text}`");
        }
    }
}
