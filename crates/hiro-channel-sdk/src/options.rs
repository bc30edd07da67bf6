//! What a plugin is told when it is started.

use std::path::PathBuf;
use std::time::Duration;

/// The options that the server appends to the command of every plugin, and what its environment says.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server's plugin port, as `ws://127.0.0.1:18081`.
    pub hiro_ws: String,
    /// Where the plugin keeps its log; absent: on stderr alone.
    pub log_dir: Option<PathBuf>,
    /// How much it logs: `DEBUG`, `INFO`, …
    pub log_level: String,
    /// Proves to the server that it started this plugin itself.
    pub token: Option<String>,
    /// Ends the plugin when it has not heard of a server for so long, so that it doesn't outlive a killed one.
    pub give_up_after: Option<Duration>,
}

impl Options {
    /// The environment variable that carries [`token`](Self::token).
    pub const TOKEN_VARIABLE: &str = "HIRO_PLUGIN_TOKEN";

    /// Connects to `hiro_ws`; all else by default: no token, no log but stderr at `INFO`, no giving up.
    pub fn new(hiro_ws: impl Into<String>) -> Self {
        Self {
            hiro_ws: hiro_ws.into(),
            log_dir: None,
            log_level: "INFO".to_owned(),
            token: None,
            give_up_after: None,
        }
    }
}
