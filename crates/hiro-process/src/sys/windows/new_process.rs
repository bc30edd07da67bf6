//! `CreateProcessW` with nothing inherited but three handles.

use std::ffi::{OsStr, OsString, c_void};
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::ptr;

use windows_sys::Win32::Foundation::{DUPLICATE_SAME_ACCESS, DuplicateHandle, HANDLE};
use windows_sys::Win32::System::Threading::{
    CREATE_NEW_PROCESS_GROUP, CREATE_UNICODE_ENVIRONMENT, CreateProcessW, EXTENDED_STARTUPINFO_PRESENT,
    GetCurrentProcess, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, PROC_THREAD_ATTRIBUTE_JOB_LIST,
    PROCESS_INFORMATION, STARTF_USESTDHANDLES, STARTUPINFOEXW, STARTUPINFOW,
};

use super::attribute_list::AttributeList;
use super::handle::{done, owned};
use super::job::Job;
use super::{argument_words, wide};

/// A process to be created.
#[derive(Debug)]
pub(super) struct NewProcess<'a> {
    pub(super) program: &'a Path,
    pub(super) arguments: &'a [OsString],
    /// The caller's own where there is none.
    pub(super) environment: Option<Vec<u16>>,
    /// The caller's own where there is none.
    pub(super) directory: Option<&'a Path>,
    /// stdin, stdout, stderr: may be inherited, and nothing else is.
    pub(super) streams: [OwnedHandle; 3],
}

impl NewProcess<'_> {
    /// Creates it as the leader of a process group, which is what Ctrl-Break is sent to.
    pub(super) fn create(&self, flags: u32, job: Option<&Job>) -> io::Result<OwnedHandle> {
        refuse_batch_file(self.program)?;
        let streams = self.streams.each_ref().map(AsRawHandle::as_raw_handle);
        let job = job.map(Job::as_raw);
        let mut attributes = AttributeList::with_room_for(2)?;
        attributes.set(PROC_THREAD_ATTRIBUTE_HANDLE_LIST, &streams)?;
        if let Some(job) = &job {
            attributes.set(PROC_THREAD_ATTRIBUTE_JOB_LIST, std::slice::from_ref(job))?;
        }
        let startup = startup(streams, &mut attributes);
        let created = self.call(flags, &startup)?;
        // SAFETY: the call has just returned both handles, and nobody else closes them.
        let (process, _thread) = unsafe {
            (OwnedHandle::from_raw_handle(created.hProcess), OwnedHandle::from_raw_handle(created.hThread))
        };
        Ok(process)
    }

    fn call(&self, flags: u32, startup: &STARTUPINFOEXW) -> io::Result<PROCESS_INFORMATION> {
        let program = wide::path(self.program)?;
        let mut line = command_line(self.program, self.arguments)?;
        let directory = self.directory.map(wide::working_directory).transpose()?;
        let mut created = PROCESS_INFORMATION::default();
        // SAFETY: every text ends in a null and lives through the call, as the attributes and their values do; the line
        // may be written to; the environment is a block as `environment_block` makes it.
        done(unsafe {
            CreateProcessW(
                program.as_ptr(),
                line.as_mut_ptr(),
                ptr::null(),
                ptr::null(),
                1,
                flags | CREATE_NEW_PROCESS_GROUP | CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT,
                self.environment.as_ref().map_or(ptr::null(), |block| block.as_ptr().cast::<c_void>()),
                directory.as_ref().map_or(ptr::null(), |directory| directory.as_ptr()),
                ptr::from_ref(startup).cast::<STARTUPINFOW>(),
                &raw mut created,
            )
        })?;
        Ok(created)
    }
}

fn startup(streams: [HANDLE; 3], attributes: &mut AttributeList<'_>) -> STARTUPINFOEXW {
    let [stdin, stdout, stderr] = streams;
    let plain = STARTUPINFOW {
        cb: u32::try_from(size_of::<STARTUPINFOEXW>()).unwrap_or_default(),
        dwFlags: STARTF_USESTDHANDLES,
        hStdInput: stdin,
        hStdOutput: stdout,
        hStdError: stderr,
        ..Default::default()
    };
    STARTUPINFOEXW { StartupInfo: plain, lpAttributeList: attributes.as_mut_ptr() }
}

/// A copy of a handle that a child may inherit. Between here and the creation another thread that spawns in the old way,
/// with everything inherited, could pass it on: no call rules that out, but the copy lives only so long.
pub(super) fn inheritable(handle: BorrowedHandle<'_>) -> io::Result<OwnedHandle> {
    let mut copy: HANDLE = ptr::null_mut();
    // SAFETY: the pseudo handle of this process is always valid, `handle` is open; `copy` takes one that is owned below.
    done(unsafe {
        DuplicateHandle(
            GetCurrentProcess(),
            handle.as_raw_handle(),
            GetCurrentProcess(),
            &raw mut copy,
            0,
            1,
            DUPLICATE_SAME_ACCESS,
        )
    })?;
    owned(copy)
}

/// The text from which Windows gives `program` its `arguments`, each as it is, whatever it holds.
///
/// # Errors
/// A null character, which no command line can hold.
///
/// # Platform-specific behavior
/// Windows only: elsewhere a program is given words.
pub fn windows_command_line(program: &Path, arguments: &[OsString]) -> io::Result<OsString> {
    command_line(program, arguments).map(|line| wide::read(&line))
}

/// The program in quotes, which no path can hold, and the arguments.
fn command_line(program: &Path, arguments: &[OsString]) -> io::Result<Vec<u16>> {
    let mut line: Vec<u16> = "\"".encode_utf16().chain(program.as_os_str().encode_wide()).collect();
    line.push(u16::from(b'"'));
    for argument in arguments {
        line.push(u16::from(b' '));
        argument_words::append(&mut line, &argument.encode_wide().collect::<Vec<u16>>());
    }
    if line.contains(&0) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a null character in an argument"));
    }
    line.push(0);
    Ok(line)
}

/// Windows would run a batch file through the shell, whose rules for arguments are others: no quoting is safe for it.
fn refuse_batch_file(program: &Path) -> io::Result<()> {
    let name = program.file_name().unwrap_or(OsStr::new("")).to_string_lossy().to_ascii_lowercase();
    // Windows overlooks blanks and dots at the end of a name.
    let name = name.trim_end_matches([' ', '.']);
    if name.ends_with(".bat") || name.ends_with(".cmd") {
        let reason = "a batch file can't be run safely; name the program that it runs";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{command_line, refuse_batch_file};
    use crate::sys::windows::wide;
    use std::path::Path;

    #[test]
    fn a_batch_file_is_refused_however_it_is_spelled() {
        for name in ["a.bat", "A.CMD", "a.cmd. .", "a b.Bat "] {
            assert!(refuse_batch_file(Path::new(name)).is_err(), "{name:?}");
        }
        assert!(refuse_batch_file(Path::new(r"C:\a.cmd\python.exe")).is_ok());
    }

    #[test]
    fn a_path_with_blanks_is_one_word_and_a_null_is_refused() {
        let line = command_line(Path::new(r"C:\a b\x.exe"), &["c d".into()]).unwrap();
        assert_eq!(wide::read(&line), r#""C:\a b\x.exe" "c d""#);
        assert!(command_line(Path::new("x"), &["a\0b".into()]).is_err());
    }
}
