//! When a service counts as ready, as it is written: `port:8080`, `http://127.0.0.1:8080/health`, `log:listening`. Pure;
//! whether it holds is looked at in `probe`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A longer text to look for is refused.
const MAX_LOG_TEXT: usize = 1024;

/// A longer address is refused.
const MAX_URL: usize = 2048;

/// When a service counts as ready.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Ready {
    /// As soon as its program runs.
    #[default]
    Started,
    /// When the program says so itself: it knows the rules, and announces itself.
    Announced,
    /// When its processes listen on this port.
    Port(u16),
    /// When its processes listen there, and a `GET` is answered with a status of 200 to 299.
    Http(LoopbackUrl),
    /// When a line of this run on stdout or stderr has this text in it.
    Log(String),
}

/// An HTTP address of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoopbackUrl {
    text: String,
    address: SocketAddr,
}

/// A text that says nothing of readiness.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{}` is no readiness: {reason}", text.escape_debug())]
#[non_exhaustive]
pub struct InvalidReady {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

const KINDS: &str = "it is `started`, `announced`, `port:PORT`, `http://127.0.0.1:PORT/PATH` or `log:TEXT`";

impl Ready {
    /// Where the service will listen, as far as its readiness tells.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Port(port) => Some((Ipv4Addr::LOCALHOST, *port).into()),
            Self::Http(url) => Some(url.address),
            Self::Started | Self::Announced | Self::Log(_) => None,
        }
    }
}

impl LoopbackUrl {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let rest = text.strip_prefix("http://").ok_or("only plain `http://` is looked at")?;
        if text.len() > MAX_URL {
            return Err("it is longer than 2048 bytes");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("an address has no spaces and no characters beyond ASCII");
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = match authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            Some((host, port)) => (host, port.parse().ok().filter(|port| *port > 0)),
            None => (authority, Some(80)),
        };
        let port: u16 = port.ok_or("its port is no number from 1 to 65535")?;
        let host: Option<IpAddr> = match host {
            "localhost" => Some(Ipv4Addr::LOCALHOST.into()),
            host => host.trim_matches(['[', ']']).parse().ok(),
        };
        let host = host.filter(IpAddr::is_loopback).ok_or("only an address of this machine is looked at")?;
        Ok(Self { text: text.to_owned(), address: (host, port).into() })
    }
}

impl FromStr for Ready {
    type Err = InvalidReady;

    fn from_str(text: &str) -> Result<Self, InvalidReady> {
        let invalid = |reason| InvalidReady { text: text.chars().take(200).collect(), reason };
        match text.split_once(':') {
            None if text == "started" => Ok(Self::Started),
            None if text == "announced" => Ok(Self::Announced),
            Some(("port", port)) => match port.parse() {
                Ok(port) if port > 0 => Ok(Self::Port(port)),
                _ => Err(invalid("its port is no number from 1 to 65535")),
            },
            Some(("http", rest)) => {
                // `http:URL` and the address alone mean the same.
                let url = if rest.starts_with("//") { text } else { rest };
                LoopbackUrl::parse(url).map(Self::Http).map_err(invalid)
            }
            Some(("log", "")) => Err(invalid("it has no text to look for")),
            Some(("log", line)) if line.contains(['\n', '\r']) => {
                Err(invalid("a line has no line break in it"))
            }
            Some(("log", line)) if line.len() > MAX_LOG_TEXT => {
                Err(invalid("its text is longer than 1024 bytes"))
            }
            Some(("log", line)) => Ok(Self::Log(line.to_owned())),
            _ => Err(invalid(KINDS)),
        }
    }
}

impl fmt::Display for Ready {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started => formatter.write_str("started"),
            Self::Announced => formatter.write_str("announced"),
            Self::Port(port) => write!(formatter, "port:{port}"),
            Self::Http(url) => formatter.write_str(&url.text),
            Self::Log(text) => write!(formatter, "log:{text}"),
        }
    }
}

impl TryFrom<String> for Ready {
    type Error = InvalidReady;

    fn try_from(text: String) -> Result<Self, InvalidReady> {
        text.parse()
    }
}

impl From<Ready> for String {
    fn from(ready: Ready) -> Self {
        ready.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_as_it_is_written() {
        for text in ["started", "announced", "port:8080", "http://[::1]:9/health?deep=1", "log:ready: yes"] {
            assert_eq!(text.parse::<Ready>().unwrap().to_string(), text);
        }
        let address = |text: &str| text.parse::<Ready>().unwrap().address().unwrap().to_string();
        assert_eq!(address("http:http://localhost:8080/"), "127.0.0.1:8080");
        assert_eq!(address("http://127.0.0.1/health"), "127.0.0.1:80");
        assert_eq!(address("http://[::1]"), "[::1]:80");
    }

    #[test]
    fn what_is_none_is_told_why() {
        let cases = [
            ("", KINDS),
            ("soon", KINDS),
            ("port:0", "its port is no number from 1 to 65535"),
            ("port:http", "its port is no number from 1 to 65535"),
            ("https://127.0.0.1:1/", KINDS),
            ("http:8080", "only plain `http://` is looked at"),
            ("http://example.com:80/", "only an address of this machine is looked at"),
            ("http://127.0.0.1:99999/", "its port is no number from 1 to 65535"),
            ("http://127.0.0.1:1/a b", "an address has no spaces and no characters beyond ASCII"),
            ("log:", "it has no text to look for"),
            ("log:a\nb", "a line has no line break in it"),
        ];
        for (text, reason) in cases {
            assert_eq!(text.parse::<Ready>().unwrap_err().reason, reason, "{text}");
        }
    }
}
