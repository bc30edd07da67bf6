//! Which gateway instances there are: `registry.json` in the gateway's data folder.
//!
//! The functions here change that file only. An instance's own folder belongs to the service layer.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::GatewayError;
use crate::instance_name::InstanceName;
use crate::listen_address::hosts_conflict;
use crate::store;

/// The port of a gateway unless its owner says otherwise.
pub const DEFAULT_PORT: u16 = 8765;
/// The host of a gateway unless its owner says otherwise: who wants devices of other machines to reach it says so.
pub const DEFAULT_HOST: &str = "127.0.0.1";

/// What `registry.json` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Registry {
    /// The instance that is meant when none is named; empty when there is none.
    #[serde(default = "default_instance")]
    pub default_instance: String,
    /// The instances by name, in the order of their creation.
    #[serde(default)]
    pub instances: IndexMap<String, InstanceEntry>,
    /// Keys of other versions.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// One instance in the registry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InstanceEntry {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// The host that it listens on.
    pub host: String,
    /// The port as it stands in the file; other programs write any number. See [`InstanceEntry::listen_port`].
    pub port: i64,
    /// Keys of other versions.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// What a new instance shall be.
#[derive(Debug, Clone)]
pub struct NewInstance {
    /// Its name.
    pub name: InstanceName,
    /// The host that it shall listen on.
    pub host: String,
    /// The port that it shall listen on.
    pub port: i64,
    /// Its folder; absent: one of its name in the gateway's data folder.
    pub path: Option<PathBuf>,
}

impl Default for Registry {
    fn default() -> Self {
        Self { default_instance: default_instance(), instances: IndexMap::new(), other: Map::new() }
    }
}

impl Registry {
    /// The instance that is meant: the one that is named, else the one that the environment names
    /// (`HIROGATE_INSTANCE`), else the default. An empty text names none.
    ///
    /// # Errors
    /// When there are no instances, or none of that name.
    pub fn resolve(
        &self,
        named: Option<&str>,
        named_by_environment: Option<&str>,
    ) -> Result<&InstanceEntry, GatewayError> {
        if self.instances.is_empty() {
            return Err(GatewayError::NoInstances);
        }
        let name = [named, named_by_environment]
            .into_iter()
            .flatten()
            .find(|name| !name.is_empty())
            .unwrap_or(&self.default_instance);
        self.instances.get(name).ok_or_else(|| GatewayError::InstanceNotFound {
            name: name.to_owned(),
            available: self.instances.keys().cloned().collect(),
        })
    }

    /// The instance `name`.
    ///
    /// # Errors
    /// When there is none.
    pub fn get(&self, name: &str) -> Result<&InstanceEntry, GatewayError> {
        self.instances.get(name).ok_or_else(|| not_found(name))
    }

    fn add(&mut self, entry: InstanceEntry) -> Result<InstanceEntry, GatewayError> {
        self.check_free(&entry)?;
        if self.instances.is_empty() {
            self.default_instance.clone_from(&entry.name);
        }
        self.instances.insert(entry.name.clone(), entry.clone());
        Ok(entry)
    }

    /// Names that differ in case only would share a folder on Windows and macOS.
    fn check_free(&self, entry: &InstanceEntry) -> Result<(), GatewayError> {
        let port = entry.listen_port()?;
        let folded = entry.name.to_lowercase();
        if self.instances.keys().any(|name| name.to_lowercase() == folded) {
            return Err(GatewayError::InstanceExists { name: entry.name.clone() });
        }
        let mut others = self.instances.values();
        if let Some(other) =
            others.clone().find(|other| other.port == entry.port && hosts_conflict(&other.host, &entry.host))
        {
            let (host, instance) = (entry.host.clone(), other.name.clone());
            return Err(GatewayError::PortConflict { host, port, instance });
        }
        match others.find(|other| other.path == entry.path) {
            Some(other) => {
                let (path, instance) = (entry.path.clone(), other.name.clone());
                Err(GatewayError::FolderConflict { path, instance })
            }
            None => Ok(()),
        }
    }

    fn take(&mut self, name: &str) -> Result<InstanceEntry, GatewayError> {
        let removed = self.instances.shift_remove(name).ok_or_else(|| not_found(name))?;
        if self.default_instance == name {
            self.default_instance = self.instances.keys().next().cloned().unwrap_or_default();
        }
        Ok(removed)
    }
}

impl NewInstance {
    /// Where it shall keep its files.
    pub fn folder(&self, data: &Path) -> PathBuf {
        let path = self.path.clone().unwrap_or_else(|| default_folder(data, &self.name));
        std::path::absolute(&path).unwrap_or(path)
    }
}

impl InstanceEntry {
    /// The port that the instance listens on.
    ///
    /// # Errors
    /// When the file holds a number that is no port.
    pub fn listen_port(&self) -> Result<u16, GatewayError> {
        u16::try_from(self.port)
            .ok()
            .filter(|port| *port > 0)
            .ok_or(GatewayError::InvalidPort { port: self.port })
    }
}

/// The registry below the gateway's data folder `data`.
pub fn registry_file(data: &Path) -> PathBuf {
    data.join("registry.json")
}

/// Where an instance keeps its files unless its owner says otherwise.
pub fn default_folder(data: &Path, name: &InstanceName) -> PathBuf {
    data.join("instances").join(name.as_str())
}

/// The registry in the gateway's data folder; empty when there is none yet.
///
/// # Errors
/// When the file is there and can't be understood.
pub fn load(data: &Path) -> Result<Registry, GatewayError> {
    Ok(store::read(&registry_file(data))?.unwrap_or_default())
}

/// Enters a new instance. The first one becomes the default.
///
/// # Errors
/// When the port is none, or the name, the port or the folder is another instance's; or when the registry can't be
/// read or written.
///
/// ```
/// use hirogateway::registry::{self, DEFAULT_HOST, NewInstance};
///
/// # let data = tempfile::tempdir()?;
/// let new = NewInstance { name: "home".parse()?, host: DEFAULT_HOST.to_owned(), port: 8765, path: None };
/// registry::create(data.path(), new)?;
/// assert_eq!(registry::load(data.path())?.resolve(None, None)?.name, "home");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn create(data: &Path, new: NewInstance) -> Result<InstanceEntry, GatewayError> {
    let path = new.folder(data);
    let name = new.name.as_str().to_owned();
    let entry = InstanceEntry { name, path, host: new.host, port: new.port, other: Map::new() };
    // Before anything is touched: who is refused leaves no trace.
    entry.listen_port()?;
    store::update(&registry_file(data), |registry: &mut Registry| registry.add(entry))
}

/// Strikes an instance out. When it was the default, the first one that is left takes its place.
///
/// # Errors
/// When there is no such instance, or the registry can't be read or written.
pub fn remove(data: &Path, name: &str) -> Result<InstanceEntry, GatewayError> {
    store::update(&registry_file(data), |registry: &mut Registry| registry.take(name))
}

/// Makes an instance the default.
///
/// # Errors
/// When there is no such instance, or the registry can't be read or written.
pub fn set_default(data: &Path, name: &str) -> Result<(), GatewayError> {
    store::update(&registry_file(data), |registry: &mut Registry| {
        registry.get(name)?;
        name.clone_into(&mut registry.default_instance);
        Ok(())
    })
}

fn default_instance() -> String {
    "default".to_owned()
}

fn not_found(name: &str) -> GatewayError {
    GatewayError::InstanceNotFound { name: name.to_owned(), available: Vec::new() }
}
