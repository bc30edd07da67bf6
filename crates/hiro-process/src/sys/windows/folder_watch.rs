//! Reports what changes in one folder (`ReadDirectoryChangesW`).

use std::cell::RefCell;
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, OwnedHandle};
use std::path::Path;
use std::ptr;

use windows_sys::Win32::Storage::FileSystem::{
    CreateFileW, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OVERLAPPED, FILE_LIST_DIRECTORY,
    FILE_NOTIFY_CHANGE_FILE_NAME, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, OPEN_EXISTING,
    ReadDirectoryChangesW,
};
use windows_sys::Win32::System::IO::{CancelIoEx, GetOverlappedResult, OVERLAPPED};
use windows_sys::Win32::System::Threading::CreateEventW;

use super::handle::{done, owned};
use super::wide;

/// The kernel writes here whenever it likes while a call is under way: it stays where it is, on the heap.
#[derive(Default)]
struct Report {
    overlapped: OVERLAPPED,
    /// `u32`: the entries are aligned to four bytes.
    entries: Vec<u32>,
}

/// A watch on the names in a folder: files that take their place, and files that go.
pub(crate) struct FolderWatch {
    folder: OwnedHandle,
    changed: OwnedHandle,
    report: RefCell<Box<Report>>,
}

impl FolderWatch {
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        let name = wide::path(folder)?;
        // SAFETY: the name ends in a null; no attributes, no template; the handle is owned at once.
        let folder = owned(unsafe {
            CreateFileW(
                name.as_ptr(),
                FILE_LIST_DIRECTORY,
                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                ptr::null(),
                OPEN_EXISTING,
                FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OVERLAPPED,
                ptr::null_mut(),
            )
        })?;
        // SAFETY: no attributes and no name; the handle is owned at once.
        let changed = owned(unsafe { CreateEventW(ptr::null(), 1, 0, ptr::null()) })?;
        let report = Report { entries: vec![0; 1024], ..Report::default() };
        let watch = Self { folder, changed, report: RefCell::new(Box::new(report)) };
        watch.ask()?;
        Ok(watch)
    }

    /// Signalled when there is something to [`drain`](Self::drain).
    pub(super) fn changed(&self) -> BorrowedHandle<'_> {
        self.changed.as_handle()
    }

    /// Reads what was reported and asks for more; whether anything but a temporary file was among it.
    pub(super) fn drain(&self) -> io::Result<bool> {
        let changed = self.received().map(|bytes| {
            // Nothing fits: so much has changed that the kernel gave up counting.
            bytes == 0 || self.report.borrow().names(bytes).any(|name| name.first() != Some(&u16::from(b'.')))
        })?;
        self.ask()?;
        Ok(changed)
    }

    fn ask(&self) -> io::Result<()> {
        let mut report = self.report.borrow_mut();
        report.overlapped = OVERLAPPED { hEvent: self.changed.as_raw_handle(), ..Default::default() };
        let length = u32::try_from(report.entries.len() * size_of::<u32>()).map_err(io::Error::other)?;
        // SAFETY: no other call is under way; what this one writes to is on the heap and stays there until the call has
        // ended: `received` has seen that, or `drop` waits for it.
        done(unsafe {
            ReadDirectoryChangesW(
                self.folder.as_raw_handle(),
                report.entries.as_mut_ptr().cast(),
                length,
                0,
                FILE_NOTIFY_CHANGE_FILE_NAME,
                ptr::null_mut(),
                &raw mut report.overlapped,
                None,
            )
        })
    }

    /// Waits for the end of the call that is under way; how many bytes it has written.
    fn received(&self) -> io::Result<usize> {
        let report = self.report.borrow();
        let mut bytes = 0;
        // SAFETY: the handles are open, and `overlapped` is the one of the call under way.
        done(unsafe {
            GetOverlappedResult(self.folder.as_raw_handle(), &raw const report.overlapped, &raw mut bytes, 1)
        })?;
        usize::try_from(bytes).map_err(io::Error::other)
    }
}

impl Drop for FolderWatch {
    fn drop(&mut self) {
        // SAFETY: the handle is open; without an `OVERLAPPED` every call on it is cancelled.
        unsafe { CancelIoEx(self.folder.as_raw_handle(), ptr::null()) };
        // The buffer must not go before the kernel has let go of it.
        let _ = self.received();
    }
}

impl std::fmt::Debug for FolderWatch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FolderWatch").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Report {
    /// The file names in the first `bytes` bytes: a chain of entries, each with the distance to the next, the action,
    /// the length of the name in bytes, and the name.
    fn names(&self, bytes: usize) -> impl Iterator<Item = Vec<u16>> {
        let words = &self.entries[..(bytes.div_ceil(4)).min(self.entries.len())];
        let mut next = Some(0);
        std::iter::from_fn(move || {
            let entry = words.get(next?..)?;
            let [distance, _action, length, name @ ..] = entry else { return None };
            next = usize::try_from(*distance)
                .ok()
                .filter(|distance| *distance > 0)
                .map(|d| next.unwrap_or(0) + d / 4);
            let units = usize::try_from(*length).ok()? / 2;
            let halves = name.iter().flat_map(|word| {
                let [a, b, c, d] = word.to_ne_bytes();
                [u16::from_ne_bytes([a, b]), u16::from_ne_bytes([c, d])]
            });
            Some(halves.take(units).collect())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::wait::{for_one, wait_for_event};
    use super::FolderWatch;
    use crate::files::{Durability, replace};
    use std::fs;
    use std::time::{Duration, Instant};

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn a_file_that_takes_its_place_ends_the_wait_and_the_next_one_too() {
        let folder = tempfile::tempdir().unwrap();
        let watch = FolderWatch::new(folder.path()).unwrap();
        for text in ["one", "two"] {
            let begun = Instant::now();
            replace(&folder.path().join("gateway.pid"), text.as_bytes(), Durability::Volatile).unwrap();
            wait_for_event(Some(&watch), &[], LONG).unwrap();
            assert!(begun.elapsed() < LONG);
        }
    }

    #[test]
    fn a_temporary_file_alone_is_no_change() {
        let folder = tempfile::tempdir().unwrap();
        let watch = FolderWatch::new(folder.path()).unwrap();
        fs::write(folder.path().join(".gateway.pid.7.tmp"), "x").unwrap();
        assert!(for_one(watch.changed(), LONG).unwrap());
        assert!(!watch.drain().unwrap());
        fs::write(folder.path().join("gateway.pid"), "x").unwrap();
        wait_for_event(Some(&watch), &[], LONG).unwrap();
    }
}
