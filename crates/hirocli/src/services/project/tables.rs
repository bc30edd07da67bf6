//! The tables of a `hiro.toml`, as they are written. What they mean is worked out by the reader above.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use crate::services::RestartPolicy;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    #[serde(default)]
    pub(super) services: BTreeMap<Spanned<String>, Table>,
}

/// One service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) command: Option<Vec<Spanned<String>>>,
    pub(super) module: Option<Spanned<String>>,
    pub(super) script: Option<Spanned<String>>,
    pub(super) args: Option<Vec<Spanned<String>>>,
    pub(super) uv: Option<Spanned<String>>,
    pub(super) directory: Option<Spanned<String>>,
    pub(super) env: Option<BTreeMap<Spanned<String>, Spanned<String>>>,
    pub(super) env_file: Option<Spanned<String>>,
    pub(super) ready: Option<Spanned<String>>,
    pub(super) ready_timeout: Option<Spanned<Seconds>>,
    pub(super) stop_grace: Option<Spanned<Seconds>>,
    pub(super) restart: Option<RestartPolicy>,
    pub(super) after: Option<Vec<String>>,
}

/// Whole seconds.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(from = "u64")]
pub(super) struct Seconds(pub(super) Duration);

impl From<u64> for Seconds {
    fn from(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }
}

impl Table {
    /// Where the value of `key` begins, where it is written.
    pub(super) fn place_of(&self, key: &str) -> Option<usize> {
        let span = match key {
            "command" => self.command.as_ref().and_then(|words| words.first()).map(Spanned::span),
            "env" => self.env.as_ref().and_then(|env| env.keys().next()).map(Spanned::span),
            "directory" => self.directory.as_ref().map(Spanned::span),
            "ready_timeout" => self.ready_timeout.as_ref().map(Spanned::span),
            "stop_grace" => self.stop_grace.as_ref().map(Spanned::span),
            _ => None,
        };
        span.map(|span| span.start)
    }
}
