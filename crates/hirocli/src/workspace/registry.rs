//! Which workspaces there are: `registry.json` in the server's data folder.
//!
//! The functions here change that file only; a workspace's own folder is the business of whoever sets it up.

use std::path::{Path, PathBuf};

use hirogateway::InstanceName;
use hirogateway::store;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::ports::{DEFAULT_RANGE_START, Ports};
use crate::Error;

/// What `registry.json` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkspaceRegistry {
    /// The id of the workspace that is meant when none is named; empty when there is none.
    #[serde(default)]
    pub default_workspace: String,
    /// The first port of slot 0.
    #[serde(default = "default_range_start")]
    pub port_range_start: u16,
    /// The workspaces by id, in the order of their creation.
    #[serde(default)]
    pub workspaces: IndexMap<String, WorkspaceEntry>,
    /// Keys of other versions.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// One workspace in the registry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkspaceEntry {
    /// Never changes.
    #[serde(default = "fresh_id")]
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// Decides on its ports; see [`Ports::of_slot`].
    pub port_slot: u32,
    /// Keys of other versions.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// What a new workspace shall be.
#[derive(Debug, Clone)]
pub struct NewWorkspace {
    /// Its name.
    pub name: InstanceName,
    /// Its folder; absent: one of its name in the server's data folder.
    pub path: Option<PathBuf>,
    /// Whether it is meant from now on when none is named. The first one always is.
    pub make_default: bool,
}

impl Default for WorkspaceRegistry {
    fn default() -> Self {
        Self {
            default_workspace: String::new(),
            port_range_start: default_range_start(),
            workspaces: IndexMap::new(),
            other: Map::new(),
        }
    }
}

impl WorkspaceRegistry {
    /// The workspace that is meant: the one that is named, by id or name, else the one that the environment names
    /// (`HIRO_WORKSPACE`), else the default. An empty text names none.
    ///
    /// # Errors
    /// When there are no workspaces, none is meant, none has that id or name, or several have that name.
    pub fn resolve(
        &self,
        named: Option<&str>,
        named_by_environment: Option<&str>,
    ) -> Result<&WorkspaceEntry, Error> {
        if self.workspaces.is_empty() {
            return Err(Error::NoWorkspaces);
        }
        let candidates = [named, named_by_environment, Some(self.default_workspace.as_str())];
        let Some(target) = candidates.into_iter().flatten().find(|target| !target.is_empty()) else {
            return Err(Error::NoWorkspaceMeant { available: self.names() });
        };
        self.find(target)?.ok_or_else(|| Error::WorkspaceNotFound {
            identifier: target.to_owned(),
            available: self.names(),
        })
    }

    /// The ports of `entry`.
    ///
    /// # Errors
    /// There are no ports for such a high slot.
    pub fn ports(&self, entry: &WorkspaceEntry) -> Result<Ports, Error> {
        Ports::of_slot(self.port_range_start, entry.port_slot)
    }

    fn find(&self, identifier: &str) -> Result<Option<&WorkspaceEntry>, Error> {
        if let Some(entry) = self.workspaces.get(identifier) {
            return Ok(Some(entry));
        }
        let namesakes: Vec<&WorkspaceEntry> =
            self.workspaces.values().filter(|entry| entry.name == identifier).collect();
        match namesakes.as_slice() {
            [] => Ok(None),
            [entry] => Ok(Some(entry)),
            several => Err(Error::WorkspaceAmbiguous {
                name: identifier.to_owned(),
                ids: several.iter().map(|entry| entry.id.chars().take(8).collect()).collect(),
            }),
        }
    }

    fn names(&self) -> Vec<String> {
        self.workspaces.values().map(|entry| entry.name.clone()).collect()
    }

    fn add(&mut self, name: String, path: PathBuf, make_default: bool) -> Result<WorkspaceEntry, Error> {
        self.check_free(&name, &path)?;
        let entry =
            WorkspaceEntry { id: fresh_id(), name, path, port_slot: self.free_slot(), other: Map::new() };
        self.ports(&entry)?;
        if make_default || self.workspaces.is_empty() {
            self.default_workspace.clone_from(&entry.id);
        }
        self.workspaces.insert(entry.id.clone(), entry.clone());
        Ok(entry)
    }

    fn check_free(&self, name: &str, path: &Path) -> Result<(), Error> {
        self.check_name(name, "")?;
        match self.workspaces.values().find(|entry| entry.path == path) {
            Some(owner) => Err(Error::FolderTaken { path: path.to_owned(), workspace: owner.name.clone() }),
            None => Ok(()),
        }
    }

    /// Names that differ in case only would share a folder on Windows and macOS. The workspace `own` may keep its name.
    fn check_name(&self, name: &str, own: &str) -> Result<(), Error> {
        let folded = name.to_lowercase();
        let mut others = self.workspaces.iter().filter(|(id, _)| *id != own);
        match others.any(|(_, entry)| entry.name.to_lowercase() == folded) {
            true => Err(Error::WorkspaceExists { name: name.to_owned() }),
            false => Ok(()),
        }
    }

    fn free_slot(&self) -> u32 {
        let taken = |slot| self.workspaces.values().any(|entry| entry.port_slot == slot);
        (0..).find(|slot| !taken(*slot)).expect("there are more slots than workspaces")
    }

    fn take(&mut self, id: &str) -> Result<WorkspaceEntry, Error> {
        let removed = self.workspaces.shift_remove(id).ok_or_else(|| unknown_id(id))?;
        if self.default_workspace == id {
            self.default_workspace = self.workspaces.keys().next().cloned().unwrap_or_default();
        }
        Ok(removed)
    }
}

/// The registry below the server's data folder `data`.
pub fn registry_file(data: &Path) -> PathBuf {
    data.join("registry.json")
}

/// Where a workspace keeps its files unless its owner says otherwise.
pub fn default_folder(data: &Path, name: &InstanceName) -> PathBuf {
    data.join("workspaces").join(name.as_str())
}

/// The registry in the server's data folder; empty when there is none yet.
///
/// # Errors
/// When the file is there and can't be understood.
pub fn load(data: &Path) -> Result<WorkspaceRegistry, Error> {
    Ok(store::read(&registry_file(data))?.unwrap_or_default())
}

/// Enters a new workspace, in the lowest free slot.
///
/// # Errors
/// When the name or the folder is another workspace's, no ports are left, or the registry can't be read or written.
pub fn create(data: &Path, new: NewWorkspace) -> Result<WorkspaceEntry, Error> {
    let path = new.path.unwrap_or_else(|| default_folder(data, &new.name));
    let path = std::path::absolute(&path).unwrap_or(path);
    let name = new.name.as_str().to_owned();
    store::update(&registry_file(data), |registry: &mut WorkspaceRegistry| {
        registry.add(name, path, new.make_default)
    })
}

/// Strikes the workspace `id` out. When it was the default, the first one that is left takes its place.
///
/// # Errors
/// When there is no such workspace, or the registry can't be read or written.
pub fn remove(data: &Path, id: &str) -> Result<WorkspaceEntry, Error> {
    store::update(&registry_file(data), |registry: &mut WorkspaceRegistry| registry.take(id))
}

/// Makes the workspace `id` the default.
///
/// # Errors
/// When there is no such workspace, or the registry can't be read or written.
pub fn set_default(data: &Path, id: &str) -> Result<(), Error> {
    store::update(&registry_file(data), |registry: &mut WorkspaceRegistry| {
        if !registry.workspaces.contains_key(id) {
            return Err(unknown_id(id));
        }
        id.clone_into(&mut registry.default_workspace);
        Ok(())
    })
}

/// Gives the workspace `id` another name. Its folder stays where it is.
///
/// # Errors
/// When there is no such workspace, the name is another one's, or the registry can't be read or written.
pub fn rename(data: &Path, id: &str, name: &InstanceName) -> Result<(), Error> {
    store::update(&registry_file(data), |registry: &mut WorkspaceRegistry| {
        registry.check_name(name.as_str(), id)?;
        let entry = registry.workspaces.get_mut(id).ok_or_else(|| unknown_id(id))?;
        name.as_str().clone_into(&mut entry.name);
        Ok(())
    })
}

fn default_range_start() -> u16 {
    DEFAULT_RANGE_START
}

fn fresh_id() -> String {
    Uuid::new_v4().to_string()
}

fn unknown_id(id: &str) -> Error {
    Error::WorkspaceIdNotFound { id: id.to_owned() }
}
