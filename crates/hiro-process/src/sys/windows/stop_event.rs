//! The event that asks a process to stop: named, so that any later command of the same user can set it.
//!
//! # Platform-specific behavior
//! The name begins with `Global\`: a command in another session of the same user, over SSH say, sees it. Events need no
//! privilege for that. The access list names the user alone. Where the system keeps a process from global names (a
//! sandbox), the event is its session's.

use std::ffi::OsStr;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, OwnedHandle};

use windows_sys::Win32::Foundation::{ERROR_ALREADY_EXISTS, ERROR_FILE_NOT_FOUND};
use windows_sys::Win32::System::Threading::{CreateEventW, EVENT_MODIFY_STATE, OpenEventW, SetEvent};

use super::handle::{done, is, owned};
use super::owner_only::OwnerOnly;
use super::wide;
use crate::pid::Pid;

/// What every such name begins with, behind the name space.
const PREFIX: &str = "hiro-process-stop-";
const NAME_SPACES: [&str; 2] = [r"Global\", r"Local\"];

/// The event of this process.
#[derive(Debug)]
pub(super) struct StopEvent {
    handle: OwnedHandle,
    name: String,
}

impl StopEvent {
    pub(super) fn create() -> io::Result<Self> {
        // Not to be guessed: nobody can have made an event of that name before.
        let own = format!("{PREFIX}{}-{:016x}", Pid::current(), RandomState::new().build_hasher().finish());
        let [global, local] = NAME_SPACES.map(|space| format!("{space}{own}"));
        Self::with_name(global).or_else(|_| Self::with_name(local))
    }

    fn with_name(name: String) -> io::Result<Self> {
        let text = wide::text(OsStr::new(&name))?;
        let security = OwnerOnly::object()?;
        let attributes = security.attributes();
        // SAFETY: the name ends in a null, and the attributes live through the call; the handle is owned at once.
        let handle = owned(unsafe { CreateEventW(&raw const attributes, 1, 0, text.as_ptr()) });
        let error = io::Error::last_os_error();
        match handle {
            Ok(_) if is(&error, ERROR_ALREADY_EXISTS) => Err(error),
            handle => Ok(Self { handle: handle?, name }),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Stays set: every wait, by any thread and at any time, sees it.
    pub(super) fn set(&self) -> io::Result<()> {
        // SAFETY: the handle is open.
        done(unsafe { SetEvent(self.handle.as_raw_handle()) })
    }
}

impl AsHandle for StopEvent {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.handle.as_handle()
    }
}

/// Sets the event of another process; `false` where there is none of that name: it has ended.
pub(super) fn set(name: &str) -> io::Result<bool> {
    let own = NAME_SPACES.iter().find_map(|space| name.strip_prefix(space));
    if !own.is_some_and(|own| own.starts_with(PREFIX)) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("`{name}` is no stop address")));
    }
    let text = wide::text(OsStr::new(name))?;
    // SAFETY: the name ends in a null; the handle is owned at once.
    match owned(unsafe { OpenEventW(EVENT_MODIFY_STATE, 0, text.as_ptr()) }) {
        Ok(event) => {
            // SAFETY: the handle is open and was opened to be set.
            done(unsafe { SetEvent(event.as_raw_handle()) })?;
            Ok(true)
        }
        Err(error) if is(&error, ERROR_FILE_NOT_FOUND) => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::super::wait::for_one;
    use super::{StopEvent, set};
    use std::os::windows::io::AsHandle;
    use std::time::Duration;

    #[test]
    fn an_event_is_set_by_its_name_and_stays_set_and_goes_with_its_process() {
        let event = StopEvent::create().unwrap();
        assert!(!for_one(event.as_handle(), Duration::ZERO).unwrap());
        assert!(set(event.name()).unwrap());
        assert!(for_one(event.as_handle(), Duration::ZERO).unwrap());
        assert!(for_one(event.as_handle(), Duration::ZERO).unwrap());
        let name = event.name().to_owned();
        drop(event);
        assert!(!set(&name).unwrap());
    }

    #[test]
    fn nobody_is_made_to_set_an_event_that_is_not_ours() {
        assert!(set(r"Global\somebody-elses").is_err());
        assert!(set("").is_err());
    }
}
