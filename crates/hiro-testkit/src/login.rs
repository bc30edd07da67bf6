//! Stands in for the session of a user who has just logged in: runs what is registered as the system would, with the
//! environment of no shell.

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

use std::process::Command;

use crate::league::Home;

/// What may be registered under one name. On Windows, where all homes have one registry, it is removed in the end.
#[derive(Debug)]
pub struct LoginEntry<'a> {
    home: &'a Home,
    name: String,
}

impl<'a> LoginEntry<'a> {
    /// What is registered as `name` in `home`, now or later.
    #[must_use]
    pub fn new(home: &'a Home, name: impl Into<String>) -> Self {
        Self { home, name: name.into() }
    }

    /// How this system calls the way in which it is registered.
    pub const METHOD: &'static str = platform::METHOD;

    /// The command that the system would run, word by word; `None` where nothing is registered.
    ///
    /// # Panics
    /// Where what is registered breaks the system's rules.
    #[must_use]
    pub fn command(&self) -> Option<Command> {
        platform::command(self.home, &self.name)
    }
}

impl Drop for LoginEntry<'_> {
    fn drop(&mut self) {
        platform::clear(&self.name);
    }
}
