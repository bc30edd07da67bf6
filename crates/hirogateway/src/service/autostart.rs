//! Settles how an instance starts with the computer, and keeps the label in its configuration true.

use super::{APP, Gateways};
use crate::autostart::{Standing, Subject};
use crate::config::Config;
use crate::error::GatewayError;
use crate::registry::InstanceEntry;

impl Gateways {
    /// Does what is wished.
    pub(super) fn settle_autostart(
        &self,
        entry: &InstanceEntry,
        config: &Config,
        wish: Option<bool>,
    ) -> Result<Standing, GatewayError> {
        self.autostart(entry).settle(&config.autostart_method, wish, |method| record(entry, method))
    }

    /// Takes the registration away of an instance that goes. Where no configuration can be read, nobody knows of one.
    pub(super) fn unregister(&self, entry: &InstanceEntry) -> Standing {
        let Ok(config) = Config::load(&entry.path) else { return Standing::default() };
        self.autostart(entry).forget(&config.autostart_method, |method| record(entry, method))
    }

    fn autostart<'a>(&'a self, entry: &'a InstanceEntry) -> Subject<'a> {
        let (target, command, data) = (&*entry.name, &*self.command, &*self.data);
        Subject { app: APP, target, command, option: "--instance", data }
    }
}

fn record(entry: &InstanceEntry, method: &str) -> Result<(), GatewayError> {
    let missing = || Config::load(&entry.path);
    Config::update(&entry.path, missing, |config| method.clone_into(&mut config.autostart_method)).map(drop)
}
