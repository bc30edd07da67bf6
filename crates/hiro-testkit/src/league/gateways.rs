//! Gateway instances in a home.

use serde_json::Value;

use super::Home;
use crate::ports::free_port;

/// The public key of a desktop whose secret key nobody needs: the first one of RFC 8032.
pub const DESKTOP_KEY: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

impl Home {
    /// Creates the gateway instance `name` on a free port, which is returned.
    ///
    /// # Panics
    /// Where that fails.
    pub fn create_gateway(&self, name: &str) -> u16 {
        let port = free_port();
        let text = port.to_string();
        let words = ["instance", "create", name, "--desktop-pubkey", DESKTOP_KEY, "--port", &text];
        self.run("hirogate", &words).success();
        port
    }

    /// The row of `hirogate status NAME --json`.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn gateway(&self, name: &str) -> Value {
        let output = self.run("hirogate", &["status", name, "--json"]);
        let reports: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        reports["instances"][0].clone()
    }
}
