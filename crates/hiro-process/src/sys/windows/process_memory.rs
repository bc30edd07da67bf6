//! The command line and the environment of another process, read from its memory.
//!
//! Windows tells neither by a call. Both stand where the process's own runtime reads them, in a layout that has been the
//! same since Windows 2000. What can't be read, because the process is another user's or of another word size, is "not
//! told".

use std::ffi::c_void;
use std::io;
use std::mem::{MaybeUninit, offset_of};
use std::os::windows::io::{AsHandle, AsRawHandle};
use std::ptr;

use windows_sys::Wdk::System::Threading::{NtQueryInformationProcess, ProcessBasicInformation};
use windows_sys::Win32::Foundation::UNICODE_STRING;
use windows_sys::Win32::System::Diagnostics::Debug::ReadProcessMemory;
use windows_sys::Win32::System::Threading::{
    PEB, PROCESS_BASIC_INFORMATION, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_VM_READ,
    RTL_USER_PROCESS_PARAMETERS,
};

use super::handle::done;
use super::process::Process;
use crate::pid::Pid;

/// Behind the command line stands the pointer to the environment.
const ENVIRONMENT: usize = offset_of!(RTL_USER_PROCESS_PARAMETERS, CommandLine) + size_of::<UNICODE_STRING>();
/// An environment larger than this is read only so far.
const LARGEST_ENVIRONMENT: usize = 1024 * 1024;
/// Memory is mapped in pieces of this size.
const PAGE: usize = 4096;

/// The memory of one process.
pub(super) struct ProcessMemory {
    process: Process,
    parameters: usize,
}

impl ProcessMemory {
    /// `None` where no process bears the number.
    pub(super) fn open(pid: Pid) -> io::Result<Option<Self>> {
        let rights = PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_VM_READ;
        let Some(process) = Process::open_for(pid, rights)? else { return Ok(None) };
        let mut memory = Self { process, parameters: 0 };
        let block = memory.block_address()?;
        memory.parameters = memory.read_value::<usize>(block + offset_of!(PEB, ProcessParameters))?;
        Ok(Some(memory))
    }

    pub(super) fn command_line(&self) -> io::Result<Vec<u16>> {
        let place = self.parameters + offset_of!(RTL_USER_PROCESS_PARAMETERS, CommandLine);
        let length = usize::from(self.read_value::<u16>(place + offset_of!(UNICODE_STRING, Length))?);
        let text = self.read_value::<usize>(place + offset_of!(UNICODE_STRING, Buffer))?;
        let mut units = vec![0_u16; length / 2];
        self.read(text, &mut units)?;
        Ok(units)
    }

    /// The variables, `NAME=value` each with a null behind it, as far as they can be read.
    pub(super) fn environment(&self) -> io::Result<Vec<u16>> {
        let begin = self.read_value::<usize>(self.parameters + ENVIRONMENT)?;
        let mut units = Vec::new();
        while units.len() * 2 < LARGEST_ENVIRONMENT && !units.ends_with(&[0, 0]) {
            let place = begin + units.len() * 2;
            let mut piece = vec![0_u16; (PAGE - place % PAGE) / 2];
            if self.read(place, &mut piece).is_err() {
                break;
            }
            let end = piece.windows(2).position(|pair| pair == [0, 0]).map(|end| end + 2);
            units.extend_from_slice(&piece[..end.unwrap_or(piece.len())]);
        }
        Ok(units)
    }

    fn block_address(&self) -> io::Result<usize> {
        let mut information = PROCESS_BASIC_INFORMATION::default();
        let length = u32::try_from(size_of::<PROCESS_BASIC_INFORMATION>()).map_err(io::Error::other)?;
        // SAFETY: the kernel writes at most `length` bytes to `information`, which has as many.
        let status = unsafe {
            NtQueryInformationProcess(
                self.process.as_handle().as_raw_handle(),
                ProcessBasicInformation,
                (&raw mut information).cast::<c_void>(),
                length,
                ptr::null_mut(),
            )
        };
        if status < 0 {
            return Err(io::Error::other(format!("the kernel does not tell of the process: {status:#x}")));
        }
        Ok(information.PebBaseAddress.addr())
    }

    /// A number at `place`.
    fn read_value<T: Copy>(&self, place: usize) -> io::Result<T> {
        let mut value = MaybeUninit::<T>::uninit();
        // SAFETY: `value` has room for one `T`.
        unsafe { self.read_raw(place, value.as_mut_ptr().cast(), size_of::<T>()) }?;
        // SAFETY: every byte has been read; the callers ask for numbers, for which any bytes are valid.
        Ok(unsafe { value.assume_init() })
    }

    fn read(&self, place: usize, units: &mut [u16]) -> io::Result<()> {
        // SAFETY: `units` has as many bytes, and any are valid.
        unsafe { self.read_raw(place, units.as_mut_ptr().cast(), size_of_val(units)) }
    }

    /// # Safety
    /// `target` has room for `length` bytes.
    unsafe fn read_raw(&self, place: usize, target: *mut c_void, length: usize) -> io::Result<()> {
        let process = self.process.as_handle().as_raw_handle();
        let place = ptr::without_provenance(place);
        // SAFETY: the handle is open for reading; a place that is not the other process's memory is refused.
        done(unsafe { ReadProcessMemory(process, place, target, length, ptr::null_mut()) })
    }
}
