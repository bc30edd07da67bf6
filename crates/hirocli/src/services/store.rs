//! The services of a workspace: `services.json` in its folder. Ours; the Python packages know nothing of it.
//!
//! The functions here change that file only; what runs is the business of whoever calls them.

use std::path::{Path, PathBuf};

use hirogateway::InstanceName;
use hirogateway::store;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::definition::Breach;
use super::project::plan;
use super::{Definition, Project, ServiceError, order};
use crate::Error;

/// A workspace has no more services.
pub const MAX_SERVICES: usize = 64;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Book {
    #[serde(default)]
    services: IndexMap<String, Definition>,
    /// Keys of other versions.
    #[serde(flatten)]
    other: Map<String, Value>,
}

/// The file in a workspace's folder.
#[must_use]
pub fn services_file(workspace: &Path) -> PathBuf {
    workspace.join("services.json")
}

/// The services of the workspace in that folder, by name, in the order in which they were defined.
///
/// # Errors
/// The file is there and can't be understood.
pub fn load(workspace: &Path) -> Result<IndexMap<String, Definition>, Error> {
    Ok(store::read::<Book>(&services_file(workspace))?.unwrap_or_default().services)
}

/// Enters a new service.
///
/// # Errors
/// The name is another service's, it comes after one that is not there, nothing could start it, or the file can't be
/// understood or written.
pub fn add(workspace: &Path, name: &InstanceName, definition: &Definition) -> Result<(), Error> {
    change(workspace, |services| {
        if let Some((taken, other)) = namesake(services, name.as_str()) {
            return Err(ServiceError::Exists { name: taken.clone(), owner: other.project.clone() });
        }
        services.insert(name.as_str().to_owned(), definition.clone());
        check(name.as_str(), definition)?;
        order::groups(services).map(drop)
    })
}

/// Enters what a project says: its services as they are now, and none that it has no more. Keys of other versions stay.
///
/// # Errors
/// A name is somebody else's service, the order can't be kept, or the file can't be understood or written.
pub fn apply(workspace: &Path, project: &Project) -> Result<(), Error> {
    change(workspace, |services| {
        let plan = plan(services, Some(project))?;
        services.retain(|name, _| !plan.removed.contains(name));
        for (name, definition) in &project.services {
            let other = services.get(name).map(|before| before.other.clone()).unwrap_or_default();
            services.insert(name.clone(), Definition { other, ..definition.clone() });
        }
        Ok(())
    })
}

/// Strikes a service out; whether it was there.
///
/// # Errors
/// Others come after it, or the file can't be understood or written.
pub fn remove(workspace: &Path, name: &str) -> Result<bool, Error> {
    change(workspace, |services| {
        refuse_needed(services, name)?;
        Ok(services.shift_remove(name).is_some())
    })
}

/// Whether others come after that service, so that it can't go.
///
/// # Errors
/// [`ServiceError::Needed`] names the first.
pub fn refuse_needed(services: &IndexMap<String, Definition>, name: &str) -> Result<(), ServiceError> {
    match services.iter().find(|(_, definition)| definition.after.iter().any(|after| after == name)) {
        Some((by, _)) if by != name => Err(ServiceError::Needed { name: name.to_owned(), by: by.clone() }),
        _ => Ok(()),
    }
}

/// The service whose files `name` would share: names that differ in case only do on Windows and macOS.
pub(super) fn namesake<'a>(
    services: &'a IndexMap<String, Definition>,
    name: &str,
) -> Option<(&'a String, &'a Definition)> {
    let folded = name.to_lowercase();
    services.iter().find(|(other, _)| other.to_lowercase() == folded)
}

fn check(name: &str, definition: &Definition) -> Result<(), ServiceError> {
    definition.check().map_err(|Breach { key, reason }| ServiceError::Invalid {
        name: name.to_owned(),
        key,
        reason,
    })
}

fn change<R>(
    workspace: &Path,
    change: impl FnOnce(&mut IndexMap<String, Definition>) -> Result<R, ServiceError>,
) -> Result<R, Error> {
    store::update(&services_file(workspace), |book: &mut Book| {
        let result = change(&mut book.services)?;
        if book.services.len() > MAX_SERVICES {
            return Err(ServiceError::TooMany { limit: MAX_SERVICES }.into());
        }
        Ok(result)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(after: &[&str]) -> Definition {
        let after = after.iter().map(|name| (*name).to_owned()).collect();
        Definition { after, ..Definition::new(vec!["true".into()], "/".into()) }
    }

    fn name(text: &str) -> InstanceName {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_added_is_there_until_it_is_removed_and_keys_of_other_versions_survive() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = folder.path();
        let text = r#"{"services": {"old": {"command": ["a"], "directory": "/", "note": 1}}, "later": true}"#;
        std::fs::write(services_file(workspace), text).unwrap();
        add(workspace, &name("new"), &definition(&["old"])).unwrap();
        assert_eq!(load(workspace).unwrap()["old"].other["note"], 1);
        let error = remove(workspace, "old").unwrap_err();
        assert_eq!(error.to_string(), "`new` comes after `old`");
        assert!(remove(workspace, "new").unwrap() && remove(workspace, "old").unwrap());
        assert!(!remove(workspace, "old").unwrap());
        let left = std::fs::read_to_string(services_file(workspace)).unwrap();
        assert_eq!(left, "{\n  \"services\": {},\n  \"later\": true\n}");
    }

    #[test]
    fn a_project_replaces_its_own_services_and_leaves_the_others() {
        let folder = tempfile::tempdir().unwrap();
        add(folder.path(), &name("mine"), &definition(&[])).unwrap();
        let file = std::path::PathBuf::from("/project/hiro.toml");
        let say = |names: &[&str]| {
            let own = |name: &&str| {
                ((*name).to_owned(), Definition { project: Some(file.clone()), ..definition(&[]) })
            };
            let services = names.iter().map(own).collect();
            apply(folder.path(), &Project { file: file.clone(), services })
        };
        say(&["a", "b"]).unwrap();
        say(&["b", "c"]).unwrap();
        let names: Vec<String> = load(folder.path()).unwrap().into_keys().collect();
        assert_eq!(names, ["mine", "b", "c"]);
        assert!(say(&["mine"]).is_err());
    }

    #[test]
    fn names_that_would_share_their_files_and_services_beyond_the_limit_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..MAX_SERVICES {
            add(folder.path(), &name(&format!("s{number}")), &definition(&[])).unwrap();
        }
        let refused = |text: &str| add(folder.path(), &name(text), &definition(&[])).unwrap_err().to_string();
        assert_eq!(refused("S7"), "there is a service `s7` already, from `hiro service add`");
        assert_eq!(refused("one-more"), "a workspace has 64 services at the most");
        assert_eq!(load(folder.path()).unwrap().len(), MAX_SERVICES);
    }

    #[test]
    fn as_many_services_as_there_may_be_fit_into_the_file_however_large_they_are() {
        let bytes = (super::super::definition::MAX_BYTES * 3 / 2 + 200) * MAX_SERVICES;
        assert!(bytes as u64 <= store::MAX_FILE_BYTES, "{bytes}");
    }
}
