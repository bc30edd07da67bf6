//! The registered plugins as those see them who start and stop their processes.

use std::sync::Arc;

use super::hub::Hub;

/// The plugins that are registered, for whoever stops their processes. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct RegisteredPlugins {
    pub(super) hub: Arc<Hub>,
}

impl RegisteredPlugins {
    /// The names of all.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.hub.names()
    }

    /// Sends `channel.stop` to the plugin `name`, and waits until it has finished and its socket is closed, which the
    /// port sees to within a few seconds. Whether it was registered.
    #[must_use]
    pub fn stop(&self, name: &str) -> bool {
        self.hub.stop(name)
    }
}
