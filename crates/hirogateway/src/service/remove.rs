//! Takes instances away again: out of the background, out of the registry, and off the disk where that is asked for.

use std::path::PathBuf;

use hiro_process::StopOptions;
use serde::Serialize;

use super::stop::{StopResult, stop};
use super::{Gateways, purge};
use crate::autostart::{Standing, Trouble};
use crate::error::GatewayError;
use crate::registry::{self, InstanceEntry};

/// An instance that does not run any more, and may not exist any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RemoveResult {
    /// Its name.
    pub instance_name: String,
    /// Its folder.
    pub instance_path: PathBuf,
    /// It ran until now.
    pub stopped: bool,
    /// It started with the computer, and does not any more.
    pub autostart_removed: bool,
    /// Why something is left of that, by whoever has registered it.
    #[serde(flatten)]
    pub autostart: Trouble,
    /// It is not in the registry any more.
    pub removed: bool,
    /// Its files were deleted.
    pub purged: bool,
    /// Its folder is still there: it was not purged, or holds what no gateway wrote.
    pub folder_remains: bool,
}

impl Gateways {
    /// Stops an instance, has it start with the computer no more, and strikes it out of the registry; with `purge` its
    /// files go, too.
    ///
    /// Of a folder that its owner chose, only what a gateway wrote is deleted.
    ///
    /// # Errors
    /// When there is no such instance or it can't be stopped: it is then still there; or when a file can't be deleted.
    pub fn remove(&self, name: &str, purge: bool) -> Result<RemoveResult, GatewayError> {
        let registry = registry::load(&self.data)?;
        let entry = self.rooted(registry.get(name)?.clone());
        let stopped = stop(&entry, &StopOptions::default())?;
        let autostart = self.unregister(&entry);
        registry::remove(&self.data, name)?;
        if purge {
            purge::purge(&self.data, &entry, &self.list()?)?;
        }
        Ok(RemoveResult { removed: true, purged: purge, ..result(entry, stopped, autostart) })
    }

    /// Stops an instance, and has it start with the computer no more; with `purge` it is removed with its files, too.
    ///
    /// # Errors
    /// Those of [`Gateways::remove`].
    pub fn teardown_instance(&self, name: Option<&str>, purge: bool) -> Result<RemoveResult, GatewayError> {
        let entry = self.resolve(name)?;
        if purge {
            return self.remove(&entry.name, true);
        }
        let stopped = stop(&entry, &StopOptions::default())?;
        let autostart = self.unregister(&entry);
        Ok(result(entry, stopped, autostart))
    }
}

fn result(entry: InstanceEntry, stopped: StopResult, autostart: Standing) -> RemoveResult {
    RemoveResult {
        instance_name: entry.name,
        stopped: stopped.was_running,
        autostart_removed: autostart.removed,
        autostart: autostart.trouble,
        removed: false,
        purged: false,
        folder_remains: entry.path.exists(),
        instance_path: entry.path,
    }
}
