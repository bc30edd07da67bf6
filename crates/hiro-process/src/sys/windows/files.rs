//! Files and folders with an access list of their owner's alone from their first moment, opened so that they are never
//! in anybody's way: everyone may read, write, rename and delete meanwhile.

use std::fs::{self, File};
use std::io;
use std::os::windows::io::AsRawHandle;
use std::path::Path;
use std::ptr;
use std::time::Duration;

use windows_sys::Win32::Foundation::{GENERIC_READ, GENERIC_WRITE};
use windows_sys::Win32::Security::Authorization::{GetSecurityInfo, SE_FILE_OBJECT};
use windows_sys::Win32::Security::OWNER_SECURITY_INFORMATION;
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, CREATE_NEW, CreateDirectoryW, CreateFileW, FILE_APPEND_DATA,
    FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT, FILE_READ_ATTRIBUTES, FILE_SHARE_DELETE,
    FILE_SHARE_READ, FILE_SHARE_WRITE, GetFileInformationByHandle, OPEN_ALWAYS, OPEN_EXISTING, READ_CONTROL,
    SYNCHRONIZE,
};

use super::account::Account;
use super::handle::{LocalMemory, done, owned};
use super::owner_only::OwnerOnly;
use super::{retry, wide};

/// Windows lets everybody wait whom a stranger's handle stands in the way, so the wait is bounded.
const CHANGE_PATIENCE: Duration = Duration::from_secs(2);
/// A status asks often and must answer soon.
const READ_PATIENCE: Duration = Duration::from_millis(100);

pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    let name = wide::path(path)?;
    let security = OwnerOnly::folder()?;
    let attributes = security.attributes();
    // SAFETY: the name ends in a null, and the attributes live through the call.
    done(unsafe { CreateDirectoryW(name.as_ptr(), &raw const attributes) })
}

pub(crate) fn create_private_file(path: &Path) -> io::Result<File> {
    open(path, GENERIC_WRITE, CREATE_NEW, 0)
}

pub(crate) fn open_lock_file(path: &Path) -> io::Result<File> {
    open(path, GENERIC_READ | GENERIC_WRITE, OPEN_ALWAYS, FILE_FLAG_OPEN_REPARSE_POINT).and_then(refuse_link)
}

/// Each write goes to the end, whoever else writes; the file's length may be asked for.
pub(crate) fn open_append(path: &Path) -> io::Result<File> {
    open(path, FILE_APPEND_DATA | FILE_READ_ATTRIBUTES | READ_CONTROL | SYNCHRONIZE, OPEN_ALWAYS, 0)
}

/// Opens for reading, folders too; a link is refused.
pub(crate) fn open_no_follow(path: &Path) -> io::Result<File> {
    let flags = FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS;
    retry::while_busy(READ_PATIENCE, || open(path, GENERIC_READ, OPEN_EXISTING, flags)).and_then(refuse_link)
}

/// Whether `file` is what is at `path`.
pub(crate) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let there = open(path, FILE_READ_ATTRIBUTES | READ_CONTROL, OPEN_EXISTING, 0)?;
    Ok(number(file)? == number(&there)?)
}

/// The number of the volume, and that of the file on it.
fn number(file: &File) -> io::Result<(u32, u32, u32)> {
    let mut facts = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open, and the result is written into a value that lives through the call.
    done(unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut facts) })?;
    Ok((facts.dwVolumeSerialNumber, facts.nFileIndexHigh, facts.nFileIndexLow))
}

/// Whether the file's owner is the caller, or, where the caller runs elevated, the administrators.
pub(crate) fn is_owned_by_caller(file: &File, _metadata: &fs::Metadata) -> io::Result<bool> {
    let (mut owner, mut descriptor) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: the handle is open; `owner` points into what `descriptor` points to, which is freed below.
    let code = unsafe {
        GetSecurityInfo(
            file.as_raw_handle(),
            SE_FILE_OBJECT,
            OWNER_SECURITY_INFORMATION,
            &raw mut owner,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            &raw mut descriptor,
        )
    };
    let _memory = LocalMemory::new(descriptor);
    if code != 0 {
        return Err(io::Error::from_raw_os_error(code.cast_signed()));
    }
    Ok(Account::user()?.is(owner) || Account::default_owner()?.is(owner))
}

/// A file with the suffix of a program. A batch file is none: see `spawn`.
pub(crate) fn is_executable(path: &Path) -> bool {
    let is_program = path
        .extension()
        .is_some_and(|suffix| ["exe", "com"].iter().any(|program| suffix.eq_ignore_ascii_case(program)));
    is_program && path.is_file()
}

pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    retry::while_busy(CHANGE_PATIENCE, || fs::rename(from, to))
}

pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    retry::while_busy(CHANGE_PATIENCE, || fs::remove_file(path))
}

/// Windows has no such call, and needs none: NTFS keeps a journal of its folders.
pub(crate) fn sync_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn open(path: &Path, access: u32, disposition: u32, flags: u32) -> io::Result<File> {
    let name = wide::path(path)?;
    let security = OwnerOnly::file()?;
    let attributes = security.attributes();
    // SAFETY: the name ends in a null, and the attributes live through the call.
    let handle = unsafe {
        CreateFileW(
            name.as_ptr(),
            access,
            FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
            &raw const attributes,
            disposition,
            flags,
            ptr::null_mut(),
        )
    };
    Ok(owned(handle)?.into())
}

fn refuse_link(file: File) -> io::Result<File> {
    if file.metadata()?.file_type().is_symlink() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a link"));
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::super::account::Account;
    use super::super::handle::{LocalMemory, done};
    use super::super::wide;
    use super::{create_private_dir, create_private_file, is_owned_by_caller, open_append, open_no_follow};
    use crate::files::{Durability, replace};
    use std::io::{Read, Write};
    use std::path::Path;
    use std::{fs, ptr};
    use windows_sys::Win32::Security::Authorization::{
        ConvertSecurityDescriptorToStringSecurityDescriptorW, GetNamedSecurityInfoW, SDDL_REVISION_1,
        SE_FILE_OBJECT,
    };
    use windows_sys::Win32::Security::DACL_SECURITY_INFORMATION;

    #[test]
    fn a_reader_that_is_there_for_a_moment_does_not_keep_a_file_from_being_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.pid");
        replace(&path, b"old", Durability::Volatile).unwrap();
        let mut reader = open_no_follow(&path).unwrap();
        let writer = std::thread::spawn({
            let path = path.clone();
            move || replace(&path, b"new", Durability::Synced)
        });
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        drop(reader);
        writer.join().unwrap().unwrap();
        assert_eq!((text.as_str(), fs::read_to_string(&path).unwrap().as_str()), ("old", "new"));
    }

    #[test]
    fn paths_of_three_hundred_characters_with_blanks_and_umlauts_work() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("ä b".repeat(40)).join("ü".repeat(120));
        crate::files::create_private_dir(&folder).unwrap();
        let file = create_private_file(&folder.join("gateway.pid")).unwrap();
        assert!(is_owned_by_caller(&file, &file.metadata().unwrap()).unwrap());
        assert!(create_private_dir(&folder).is_err());
    }

    /// The access list as text, `D:(A;;FA;;;S-1-…)` say; flags and entries as the system stores them.
    fn access_list(path: &Path) -> String {
        let name = wide::path(path).unwrap();
        let (mut descriptor, mut text, mut length) = (ptr::null_mut(), ptr::null_mut(), 0);
        // SAFETY: the name ends in a null; `descriptor` takes a pointer that is freed below.
        let code = unsafe {
            GetNamedSecurityInfoW(
                name.as_ptr(),
                SE_FILE_OBJECT,
                DACL_SECURITY_INFORMATION,
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null_mut(),
                &raw mut descriptor,
            )
        };
        assert_eq!(code, 0, "{}", path.display());
        let memory = LocalMemory::new(descriptor);
        // SAFETY: the descriptor lives; `text` takes a pointer that is freed below, and `length` its length.
        let outcome = done(unsafe {
            ConvertSecurityDescriptorToStringSecurityDescriptorW(
                memory.as_ptr(),
                SDDL_REVISION_1,
                DACL_SECURITY_INFORMATION,
                &raw mut text,
                &raw mut length,
            )
        });
        outcome.unwrap();
        let memory = LocalMemory::new(text.cast());
        // SAFETY: as long as the call said, the null at its end included.
        let text = unsafe { std::slice::from_raw_parts(memory.as_ptr().cast::<u16>(), length as usize) };
        String::from_utf16_lossy(text).trim_end_matches('\0').to_owned()
    }

    #[test]
    fn folders_and_files_name_their_owner_alone() {
        let root = tempfile::tempdir().unwrap();
        let user = Account::user().unwrap().name().unwrap();
        let folder = root.path().join("private");
        create_private_dir(&folder).unwrap();
        let [file, log] = ["file", "log"].map(|name| folder.join(name));
        drop((create_private_file(&file).unwrap(), open_append(&log).unwrap()));
        assert!(access_list(&folder).contains("OICI;"), "what other programs make in it is the owner's, too");
        for path in [folder, file, log] {
            let list = access_list(&path);
            // Wine lists the system itself, too, which may do everything anyway.
            let users: Vec<&str> = list.split('(').skip(1).filter(|entry| !entry.ends_with(";SY)")).collect();
            assert!(!users.is_empty() && users.iter().all(|entry| entry.contains(&user)), "{list}");
        }
    }

    #[test]
    fn two_writers_of_one_log_write_behind_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stderr.log");
        let (mut one, mut two) = (open_append(&path).unwrap(), open_append(&path).unwrap());
        one.write_all(b"one ").unwrap();
        two.write_all(b"two ").unwrap();
        one.write_all(b"three").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one two three");
        assert_eq!(one.metadata().unwrap().len(), 13);
    }

    #[test]
    fn a_folder_opens_and_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!open_no_follow(folder.path()).unwrap().metadata().unwrap().is_file());
    }
}
