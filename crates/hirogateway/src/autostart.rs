//! What starts with the computer: at its user's login, in the way that the system has for programs of one user.
//!
//! Nothing is registered unless somebody asks for it. What is registered is one command under one name,
//! `hirogate-<instance>` or `hiro-<workspace id>`; how it went is a label in the configuration, which the Python package
//! reads, too. The service layers of gateways and workspaces call [`Subject::settle`].

mod entry;
mod error;
mod method;
mod trouble;

#[cfg(any(test, not(any(windows, target_os = "macos"))))]
mod desktop_entry;
#[cfg(unix)]
mod file;
#[cfg(any(test, target_os = "macos"))]
mod launch_agent;

#[cfg(not(any(windows, target_os = "macos")))]
mod linux;
#[cfg(not(any(windows, target_os = "macos")))]
use linux as platform;

#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
use macos as platform;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

// What each system must provide.
use platform::{METHOD, is_registered, register, unregister};

use std::ffi::OsString;
use std::path::Path;

use crate::config::AUTOSTART_SKIPPED;
use entry::Entry;
use method::Place;

pub use error::AutostartError;
pub use method::FAILED;
pub use trouble::Trouble;

/// What may start with the computer, and the command that starts it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Whose it is, `hirogate` or `hiro`: the beginning of the name, and the name of the data folder.
    pub app: &'static str,
    /// The instance, or the id of the workspace.
    pub target: &'a str,
    /// The program and the words that lead to its `start`.
    pub command: &'a [OsString],
    /// The option of `start` that names the target.
    pub option: &'static str,
    /// Where its data are.
    pub data: &'a Path,
}

/// How it stands with the start with the computer, after what was asked was tried.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The label for the configuration.
    pub method: String,
    /// It starts with the computer.
    pub registered: bool,
    /// It did until now.
    pub removed: bool,
    /// What is not as it should be.
    pub trouble: Trouble,
}

impl Subject<'_> {
    /// Registers it (`Some(true)`), takes the registration away (`Some(false)`), or looks whether it is still there.
    /// `method` is the label in the configuration, into which `record` writes another one. A registration that fails is
    /// told, and no error; one that can't be recorded is undone.
    ///
    /// What another program has registered in a way of its own is left alone, and said to be.
    ///
    /// # Errors
    /// What `record` says.
    pub fn settle<E>(
        &self,
        method: &str,
        wish: Option<bool>,
        record: impl FnOnce(&str) -> Result<(), E>,
    ) -> Result<Standing, E> {
        let standing = self.tried(method, wish);
        if standing.method != method {
            let recorded = record(&standing.method);
            // What no configuration knows of would never be taken away.
            recorded.inspect_err(|_| drop(standing.registered.then(|| self.unregister())))?;
        }
        Ok(standing)
    }

    /// Takes the registration away of what goes for good. It is no failure that others have registered it, too, nor that
    /// the label can't be written: whoever reads it looks whether it is still so.
    pub fn forget<E>(&self, method: &str, record: impl FnOnce(&str) -> Result<(), E>) -> Standing {
        let mut standing = self.tried(method, Some(false));
        standing.trouble.failed &= Place::of(method, METHOD) != Place::Elsewhere;
        if standing.method != method {
            let _ = record(&standing.method);
        }
        standing
    }

    fn tried(&self, method: &str, wish: Option<bool>) -> Standing {
        let place = Place::of(method, METHOD);
        let done = match (wish, place) {
            (None, Place::Here) => self.look(),
            (None, Place::Nowhere | Place::Elsewhere) => Ok(Standing::unregistered(method)),
            (Some(true), Place::Nowhere | Place::Here) => self.register(),
            (Some(false), Place::Here) => self.unregister(),
            // Who wants none has no failure any more.
            (Some(false), Place::Nowhere) if method == FAILED => {
                Ok(Standing::unregistered(AUTOSTART_SKIPPED))
            }
            (Some(false), Place::Nowhere) => Ok(Standing::unregistered(method)),
            (Some(_), Place::Elsewhere) => {
                Err(AutostartError::Elsewhere { entry: self.name(), method: method.to_owned() })
            }
        };
        done.unwrap_or_else(|error| self.unsettled(method, wish, place, error))
    }

    fn look(&self) -> Result<Standing, AutostartError> {
        let entry = Entry::new(self)?;
        match is_registered(&entry)? {
            true => Ok(Standing { registered: true, ..Standing::unregistered(METHOD) }),
            false => Err(AutostartError::Gone { entry: entry.name }),
        }
    }

    fn register(&self) -> Result<Standing, AutostartError> {
        register(&Entry::new(self)?)?;
        Ok(Standing { registered: true, ..Standing::unregistered(METHOD) })
    }

    fn unregister(&self) -> Result<Standing, AutostartError> {
        let removed = unregister(&Entry::new(self)?)?;
        Ok(Standing { removed, ..Standing::unregistered(AUTOSTART_SKIPPED) })
    }

    /// Where something was registered before, the label keeps saying so: whoever removes it later must know.
    fn unsettled(&self, method: &str, wish: Option<bool>, place: Place, error: AutostartError) -> Standing {
        let is_still_there = || Entry::new(self).and_then(|entry| is_registered(&entry)).unwrap_or(false);
        let label = if (wish, place) == (Some(true), Place::Nowhere) { FAILED } else { method };
        Standing {
            registered: place == Place::Here && is_still_there(),
            trouble: Trouble::of(error, wish.is_some()),
            ..Standing::unregistered(label)
        }
    }

    fn name(&self) -> String {
        format!("{}-{}", self.app, self.target)
    }
}

impl Standing {
    fn unregistered(method: &str) -> Self {
        Self { method: method.to_owned(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests;
