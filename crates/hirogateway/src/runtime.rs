//! Who does the work of an instance: this program, or the Python gateway from a uv workspace. `runtime.json` in its
//! folder says it; without that file it is this program.
//!
//! A file of its own, because the Python package loses what it does not know: it writes the whole registry anew when any
//! instance changes, and `config.json` when one is created. This file it never touches.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::GatewayError;
use crate::report::Runtime;
use crate::store;

/// Who does the work of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RuntimeChoice {
    /// This program.
    #[default]
    Native,
    /// The Python gateway, from a uv workspace.
    Uv {
        /// The root of that workspace.
        workspace_dir: PathBuf,
    },
}

/// What `runtime.json` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct RuntimeFile {
    runtime: Runtime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    workspace_dir: Option<PathBuf>,
    /// Keys of other versions.
    #[serde(flatten)]
    other: Map<String, Value>,
}

impl RuntimeChoice {
    /// The Python gateway, from the uv workspace that `folder` belongs to.
    ///
    /// # Errors
    /// When there is none at `folder` or above it, or a `pyproject.toml` on the way can't be understood.
    pub fn uv_at(folder: &Path) -> Result<Self, GatewayError> {
        let root = hiro_process::find_workspace_root(folder)?;
        let none = || hiro_process::Error::NoWorkspaceRoot { start: folder.to_owned() };
        Ok(Self::Uv { workspace_dir: root.ok_or_else(none)? })
    }

    /// What stands in the instance's folder.
    ///
    /// # Errors
    /// When the file is there and can't be understood.
    pub fn load(instance_folder: &Path) -> Result<Self, GatewayError> {
        let path = runtime_file(instance_folder);
        match store::read::<RuntimeFile>(&path)? {
            Some(RuntimeFile { runtime: Runtime::Uv, workspace_dir, .. }) => {
                let workspace_dir = workspace_dir.ok_or(GatewayError::NoWorkspaceDir { path })?;
                Ok(Self::Uv { workspace_dir: instance_folder.join(workspace_dir) })
            }
            _ => Ok(Self::Native),
        }
    }

    /// Writes it into the instance's folder. What a file that is there says besides, it goes on to say.
    ///
    /// # Errors
    /// When the file can't be understood or written.
    pub fn save(&self, instance_folder: &Path) -> Result<(), GatewayError> {
        let path = runtime_file(instance_folder);
        if *self == Self::Native && !path.exists() {
            return Ok(());
        }
        let missing = || Ok(RuntimeFile { runtime: Runtime::Native, workspace_dir: None, other: Map::new() });
        store::update_or(&path, missing, |file: &mut RuntimeFile| {
            file.runtime = self.runtime();
            if let Self::Uv { workspace_dir } = self {
                file.workspace_dir = Some(workspace_dir.clone());
            }
            Ok(())
        })
    }

    /// Its name.
    #[must_use]
    pub fn runtime(&self) -> Runtime {
        match self {
            Self::Native => Runtime::Native,
            Self::Uv { .. } => Runtime::Uv,
        }
    }
}

/// The file in an instance's folder.
pub fn runtime_file(instance_folder: &Path) -> PathBuf {
    instance_folder.join("runtime.json")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{RuntimeChoice, runtime_file};

    #[test]
    fn without_the_file_it_is_this_program_and_none_is_written_for_that() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(RuntimeChoice::load(folder.path()).unwrap(), RuntimeChoice::Native);
        RuntimeChoice::Native.save(folder.path()).unwrap();
        assert!(!runtime_file(folder.path()).exists());
    }

    #[test]
    fn a_choice_is_kept_and_so_is_what_another_version_wrote_there() {
        let folder = tempfile::tempdir().unwrap();
        let uv = RuntimeChoice::Uv { workspace_dir: folder.path().join("workspace") };
        fs::write(runtime_file(folder.path()), r#"{"runtime": "native", "colour": {"of": ["it"]}}"#).unwrap();
        uv.save(folder.path()).unwrap();
        assert_eq!(RuntimeChoice::load(folder.path()).unwrap(), uv);
        RuntimeChoice::Native.save(folder.path()).unwrap();
        assert_eq!(RuntimeChoice::load(folder.path()).unwrap(), RuntimeChoice::Native);
        let text = fs::read_to_string(runtime_file(folder.path())).unwrap();
        assert!(text.contains("\"colour\": {\n    \"of\": [\n      \"it\"\n    ]\n  }"), "{text}");
    }

    #[test]
    fn a_file_that_names_no_workspace_or_an_unknown_runtime_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        for text in [r#"{"runtime": "uv"}"#, r#"{"runtime": "jvm"}"#, "{"] {
            fs::write(runtime_file(folder.path()), text).unwrap();
            let error = RuntimeChoice::load(folder.path()).unwrap_err();
            assert!(error.to_string().contains("runtime.json"), "{error}");
        }
    }
}
