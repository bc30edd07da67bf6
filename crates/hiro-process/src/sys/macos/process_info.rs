//! What `libproc` says of a process.

use std::io;
use std::mem::{self, MaybeUninit};
use std::ptr;

use libc::{c_int, c_void};

use super::super::tree::Listed;
use crate::identity::StartTime;
use crate::pid::Pid;
use crate::tree::TreeQuery;

/// Asks the kernel to tell of zombies too.
const ZOMBIES_TOO: u64 = 1;

/// The fields of `proc_bsdinfo` that matter here.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProcessInfo {
    parent: u32,
    group: u32,
    status: u32,
    /// Microseconds since the epoch, as the wall clock stood when the process began. It never changes.
    pub(super) start_time: u64,
}

impl ProcessInfo {
    /// `None` where no process bears the number.
    pub(super) fn read(pid: Pid) -> io::Result<Option<Self>> {
        let mut info = MaybeUninit::<libc::proc_bsdinfo>::zeroed();
        let size = size_of::<libc::proc_bsdinfo>();
        let wanted = c_int::try_from(size).map_err(io::Error::other)?;
        // SAFETY: the kernel writes at most `wanted` bytes to `info`, which has as many.
        let written = unsafe {
            libc::proc_pidinfo(
                pid.get().cast_signed(),
                libc::PROC_PIDTBSDINFO,
                ZOMBIES_TOO,
                info.as_mut_ptr().cast::<c_void>(),
                wanted,
            )
        };
        if written != wanted {
            let error = io::Error::last_os_error();
            return if error.raw_os_error() == Some(libc::ESRCH) { Ok(None) } else { Err(error) };
        }
        // SAFETY: plain data, for which zeroes are valid, now filled by the kernel.
        Ok(Some(Self::from(unsafe { info.assume_init() })))
    }

    pub(super) fn lives(&self) -> bool {
        self.status != libc::SZOMB
    }

    fn listed(&self, pid: Pid) -> Listed {
        Listed {
            pid,
            parent: self.parent,
            group: self.group,
            session: session(pid),
            start_time: StartTime(self.start_time),
            lives: self.lives(),
        }
    }
}

impl From<libc::proc_bsdinfo> for ProcessInfo {
    fn from(info: libc::proc_bsdinfo) -> Self {
        Self {
            parent: info.pbi_ppid,
            group: info.pbi_pgid,
            status: info.pbi_status,
            start_time: info.pbi_start_tvsec * 1_000_000 + info.pbi_start_tvusec,
        }
    }
}

/// Every process that there is to see.
pub(crate) fn list_processes(_query: &TreeQuery) -> io::Result<Vec<Listed>> {
    Ok(all_pids()?.into_iter().filter_map(|pid| Some(ProcessInfo::read(pid).ok()??.listed(pid))).collect())
}

fn all_pids() -> io::Result<Vec<Pid>> {
    // SAFETY: without a buffer the call only counts.
    let count = unsafe { libc::proc_listallpids(ptr::null_mut(), 0) };
    // Room for those that are born between the two calls.
    let room = usize::try_from(count).map_err(|_| io::Error::last_os_error())? + 256;
    let mut numbers = vec![0 as c_int; room];
    let bytes = c_int::try_from(mem::size_of_val(numbers.as_slice())).map_err(io::Error::other)?;
    // SAFETY: the kernel writes at most `bytes` bytes to `numbers`, which has as many.
    let count = unsafe { libc::proc_listallpids(numbers.as_mut_ptr().cast::<c_void>(), bytes) };
    numbers.truncate(usize::try_from(count).map_err(|_| io::Error::last_os_error())?);
    Ok(numbers.into_iter().filter_map(|number| Pid::try_from(u32::try_from(number).ok()?).ok()).collect())
}

/// 0, which is nobody's, where it isn't told.
fn session(pid: Pid) -> u32 {
    // SAFETY: a system call on a number.
    u32::try_from(unsafe { libc::getsid(pid.get().cast_signed()) }).unwrap_or(0)
}
