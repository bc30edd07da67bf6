//! What the running server knows of its children: `supervision.json` in the workspace's folder, for whoever looks from
//! outside.
//!
//! Only the running server writes it. What a server that has gone has left there counts for nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hiro_process::files::Durability;
use hiro_process::{Identity, is_running};
use hirogateway::store;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::server::ChildAccount;

/// What `supervision.json` holds. Keys are added, never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupervisionFile {
    /// 1.
    pub schema: u32,
    /// The server that has written it.
    pub server: Identity,
    /// Its children, by the names that statuses use.
    pub children: BTreeMap<String, ChildAccount>,
}

impl SupervisionFile {
    /// What the server `server` knows of its children.
    #[must_use]
    pub fn new(server: Identity, children: BTreeMap<String, ChildAccount>) -> Self {
        Self { schema: 1, server, children }
    }

    /// What is known of the children of the server that runs; nothing where none does, or where the file can't be
    /// understood: it tells nothing that the next change would not tell anew.
    #[must_use]
    pub fn of_running_server(workspace: &Path) -> BTreeMap<String, ChildAccount> {
        let file = store::read::<Self>(&supervision_file(workspace)).ok().flatten();
        file.filter(|file| is_running(&file.server)).map(|file| file.children).unwrap_or_default()
    }

    /// Writes it into the workspace's folder.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn save(&self, workspace: &Path) -> Result<(), Error> {
        Ok(store::write(&supervision_file(workspace), self, Durability::Volatile)?)
    }
}

fn supervision_file(workspace: &Path) -> PathBuf {
    workspace.join("supervision.json")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_a_server_that_has_gone_or_nobody_has_written_counts_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let known = || SupervisionFile::of_running_server(folder.path());
        assert!(known().is_empty());
        let account = ChildAccount { restarts: 3, ..ChildAccount::default() };
        let children = BTreeMap::from([("channel:x/y".to_owned(), account)]);
        let server = Identity::current().unwrap();
        SupervisionFile::new(server, children.clone()).save(folder.path()).unwrap();
        assert_eq!(known(), children);
        let gone = serde_json::json!({"pid": server.pid, "start_time": 1});
        SupervisionFile::new(serde_json::from_value(gone).unwrap(), children).save(folder.path()).unwrap();
        assert!(known().is_empty());
        fs::write(supervision_file(folder.path()), "{").unwrap();
        assert!(known().is_empty());
    }
}
