//! A project: a folder with a `hiro.toml`, whose services `hiro up` brings up.
//!
//! Reading it gives definitions in which nothing is left to look up: paths are absolute, variables are replaced. What is
//! to be done about services that are there already is decided in [`plan`].

mod find;
mod plan;
mod position;
mod tables;
mod variables;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use hiro_process::find_workspace_root;
use hirogateway::InstanceName;
use indexmap::IndexMap;
use toml::Spanned;

use super::definition::{Breach, READY_TIMEOUT, STOP_GRACE};
use super::{Definition, Ready, ServiceError};
use crate::Error;
use position::Source;
use tables::{Document, Table};

pub use find::{at, find};
pub use plan::{Plan, plan};

/// The name of the file.
pub const FILE: &str = "hiro.toml";

/// A longer file is refused.
const MAX_BYTES: u64 = 256 * 1024;

/// What a `hiro.toml` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The file.
    pub file: PathBuf,
    /// Its services by name.
    pub services: IndexMap<String, Definition>,
}

impl Project {
    /// Reads the `hiro.toml` at `file`, an absolute path. `variable` gives the values for `${NAME}`.
    ///
    /// # Errors
    /// The file can't be read, or says something that nothing can be made of: the error has line and column.
    pub fn load(file: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let source = Source::new(file, read(file)?);
        let document: Document = source.parse()?;
        let reader = Reader { source: &source, folder: file.parent().unwrap_or(file), variable };
        let mut services = IndexMap::new();
        for (name, table) in &document.services {
            let plain = name.get_ref().parse::<InstanceName>();
            plain.map_err(|error| source.error(name.span().start, &error.to_string()))?;
            services.insert(name.get_ref().clone(), reader.definition(name, table)?);
        }
        Ok(Self { file: file.to_owned(), services })
    }
}

fn read(file: &Path) -> Result<String, ServiceError> {
    let failed = |source| ServiceError::ProjectUnreadable { path: file.to_owned(), source };
    let mut text = String::new();
    File::open(file).map_err(failed)?.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(failed(std::io::Error::other(format!("it is longer than {MAX_BYTES} bytes"))));
    }
    Ok(text)
}

/// Everything that the meaning of a table depends on.
struct Reader<'a> {
    source: &'a Source,
    folder: &'a Path,
    variable: &'a dyn Fn(&str) -> Option<String>,
}

impl Reader<'_> {
    fn definition(&self, name: &Spanned<String>, table: &Table) -> Result<Definition, Error> {
        let (command, uv) = self.command(name, table)?;
        let ready = match &table.ready {
            Some(text) => self.ready(text)?,
            None => Ready::default(),
        };
        let directory = match (&table.directory, &uv) {
            (Some(path), _) => self.path(path)?,
            (None, Some(root)) if ready == Ready::Announced => root.clone(),
            (None, _) => self.folder.to_owned(),
        };
        let mut definition = Definition { uv, ready, ..Definition::new(command, directory) };
        for (name, value) in table.env.iter().flatten() {
            definition.env.insert(name.get_ref().clone(), self.text(value)?);
        }
        definition.env_file = table.env_file.as_ref().map(|path| self.path(path)).transpose()?;
        definition.ready_timeout = table.ready_timeout.as_ref().map_or(READY_TIMEOUT, |it| it.get_ref().0);
        definition.stop_grace = table.stop_grace.as_ref().map_or(STOP_GRACE, |it| it.get_ref().0);
        definition.restart = table.restart.unwrap_or_default();
        definition.after = table.after.clone().unwrap_or_default();
        definition.project = Some(self.source.file().to_owned());
        definition.check().map_err(|breach| self.breach(name, table, &breach))?;
        Ok(definition)
    }

    /// The words of the command, and the uv workspace in which they are run.
    fn command(
        &self,
        name: &Spanned<String>,
        table: &Table,
    ) -> Result<(Vec<String>, Option<PathBuf>), Error> {
        let uv = table.uv.as_ref().map(|path| self.path(path)).transpose()?;
        let arguments = table.args.iter().flatten().map(|word| self.text(word));
        let arguments = arguments.collect::<Result<Vec<_>, Error>>()?;
        let python = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            [words.as_slice(), &arguments].concat()
        };
        match (&table.command, &table.module, &table.script) {
            (Some(words), None, None) => match &table.args {
                None => Ok((words.iter().map(|word| self.text(word)).collect::<Result<_, _>>()?, uv)),
                Some(_) => Err(self
                    .at(name, "`args` goes with `module` or `script`; the words of a `command` are its own")),
            },
            (None, Some(module), None) => {
                let module = self.text(module)?;
                Ok((python(&["python", "-m", &module]), Some(self.workspace(name, uv)?)))
            }
            (None, None, Some(script)) => {
                let script = self.path(script)?.display().to_string();
                Ok((python(&["python", &script]), Some(self.workspace(name, uv)?)))
            }
            _ => Err(self.at(name, "exactly one of `command`, `module` and `script` says what is run")),
        }
    }

    /// Python runs in a uv workspace: the one that is named, or the nearest from the project's folder upward.
    fn workspace(&self, name: &Spanned<String>, named: Option<PathBuf>) -> Result<PathBuf, Error> {
        if let Some(named) = named {
            return Ok(named);
        }
        let found = find_workspace_root(self.folder)?;
        found.ok_or_else(|| {
            self.at(name, "there is no uv workspace in the folder of this file or above it; `uv` names one")
        })
    }

    fn ready(&self, text: &Spanned<String>) -> Result<Ready, Error> {
        let ready = self.text(text)?.parse::<Ready>();
        ready.map_err(|error| self.source.error(text.span().start, &error.to_string()))
    }

    fn path(&self, text: &Spanned<String>) -> Result<PathBuf, Error> {
        let path = self.folder.join(self.text(text)?);
        // Without the `.` and, on Windows, with the separators of the system.
        Ok(path.components().collect())
    }

    fn text(&self, text: &Spanned<String>) -> Result<String, Error> {
        variables::replace(text.get_ref(), self.variable)
            .map_err(|reason| self.source.error(text.span().start, &reason))
    }

    fn breach(&self, name: &Spanned<String>, table: &Table, breach: &Breach) -> Error {
        let place = table.place_of(breach.key).unwrap_or_else(|| name.span().start);
        let message = format!("`{}` of service `{}`: {}", breach.key, name.get_ref(), breach.reason);
        self.source.error(place, &message)
    }

    fn at(&self, name: &Spanned<String>, message: &str) -> Error {
        self.source.error(name.span().start, &format!("service `{}`: {message}", name.get_ref()))
    }
}

#[cfg(test)]
mod tests;
