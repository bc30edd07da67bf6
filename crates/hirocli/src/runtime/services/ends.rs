//! The ends of services' processes, by event: the watch hears of each at once, and a status then knows how it ended, also
//! where a command line has started it.

use std::collections::HashMap;

use hiro_process::{Identity, Instance, ProcessWatch};
use tokio::task::JoinSet;

use crate::runtime::supervision;

/// The processes whose ends are waited for, one for each service.
#[derive(Debug, Default)]
pub(super) struct Ends {
    awaited: HashMap<String, Identity>,
    waits: JoinSet<(String, Identity)>,
}

impl Ends {
    /// Whether the end of a process of the service `name` is yet to be told.
    pub(super) fn are_awaited(&self, name: &str) -> bool {
        self.awaited.contains_key(name)
    }

    /// Waits for the end of `process`, if nobody does. Where that can't be done the next look has to do.
    pub(super) fn wait_for(&mut self, name: &str, instance: &Instance, process: Identity) {
        if self.awaited.get(name) == Some(&process) {
            return;
        }
        let Ok(watch) = ProcessWatch::open(instance, &process) else { return };
        let Ok(ended) = supervision::tell_end(watch) else { return };
        self.awaited.insert(name.to_owned(), process);
        let name = name.to_owned();
        self.waits.spawn(async move {
            // A wait that was broken off tells as much: there is nothing more to come.
            let _ = ended.await;
            (name, process)
        });
    }

    /// Returns after an end; never while nothing is waited for.
    pub(super) async fn next(&mut self) {
        match self.waits.join_next().await {
            None => std::future::pending().await,
            Some(ended) => {
                let (name, process) = ended.expect("a wait doesn't panic");
                if self.awaited.get(&name) == Some(&process) {
                    self.awaited.remove(&name);
                }
            }
        }
    }
}
