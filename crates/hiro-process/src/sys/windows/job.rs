//! The job object of an instance: what its process starts is in it, also when whatever stood between has ended.
//!
//! A start spawns into a job named after the launch; the child opens it when it announces itself and keeps it open for
//! life, so that any later command finds it by that name. A process that was started in the foreground makes its own.
//!
//! # Platform-specific behavior
//! The name begins with `Global\`, so that a command in another session of the same user finds the job; jobs need no
//! privilege for that. The access list names the user alone.

use std::ffi::OsStr;
use std::io;
use std::os::windows::io::{AsRawHandle, OwnedHandle};

use windows_sys::Win32::Foundation::{ERROR_ALREADY_EXISTS, ERROR_FILE_NOT_FOUND, ERROR_MORE_DATA, HANDLE};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, IsProcessInJob, JOB_OBJECT_LIMIT_BREAKAWAY_OK,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectBasicProcessIdList, JobObjectExtendedLimitInformation,
    OpenJobObjectW, QueryInformationJobObject, SetInformationJobObject, TerminateJobObject,
};
use windows_sys::Win32::System::SystemServices::{JOB_OBJECT_QUERY, JOB_OBJECT_TERMINATE};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

use super::handle::{done, is, owned};
use super::owner_only::OwnerOnly;
use super::process::KILLED;
use super::wide;
use crate::identity::Identity;
use crate::pid::Pid;
use crate::tree::TreeQuery;

/// A job, open: it has its name for as long as anybody has it open.
#[derive(Debug)]
pub(super) struct Job(OwnedHandle);

impl Job {
    /// The job of a launch, made where there is none yet. What starts another instance may let it go.
    pub(super) fn of_launch(launch_id: &str) -> io::Result<Self> {
        Self::create(&name_of_launch(launch_id))
    }

    fn create(name: &str) -> io::Result<Self> {
        let text = wide::text(OsStr::new(name))?;
        let security = OwnerOnly::object()?;
        let attributes = security.attributes();
        // SAFETY: the name ends in a null, and the attributes live through the call; the handle is owned at once.
        let job = owned(unsafe { CreateJobObjectW(&raw const attributes, text.as_ptr()) });
        let is_there_already = is(&io::Error::last_os_error(), ERROR_ALREADY_EXISTS);
        let job = Self(job?);
        if !is_there_already {
            job.let_go_whoever_asks()?;
        }
        Ok(job)
    }

    /// One without a name, from which nothing breaks away: such as terminals and services put their children in.
    #[cfg(test)]
    pub(super) fn strict() -> io::Result<Self> {
        // SAFETY: neither attributes nor a name; the handle is owned at once.
        owned(unsafe { CreateJobObjectW(std::ptr::null(), std::ptr::null()) }).map(Self)
    }

    fn open(name: &str) -> io::Result<Option<Self>> {
        let text = wide::text(OsStr::new(name))?;
        // SAFETY: the name ends in a null; the handle is owned at once.
        match owned(unsafe { OpenJobObjectW(JOB_OBJECT_QUERY | JOB_OBJECT_TERMINATE, 0, text.as_ptr()) }) {
            Ok(job) => Ok(Some(Self(job))),
            Err(error) if is(&error, ERROR_FILE_NOT_FOUND) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn as_raw(&self) -> HANDLE {
        self.0.as_raw_handle()
    }

    fn let_go_whoever_asks(&self) -> io::Result<()> {
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_BREAKAWAY_OK;
        let length = u32::try_from(size_of_val(&limits)).map_err(io::Error::other)?;
        // SAFETY: the handle is open, and `limits` has `length` bytes.
        done(unsafe {
            SetInformationJobObject(
                self.as_raw(),
                JobObjectExtendedLimitInformation,
                (&raw const limits).cast(),
                length,
            )
        })
    }

    /// Puts this process into it, where it isn't: with it goes whatever it starts from now on.
    pub(super) fn take_in_caller(&self) -> io::Result<()> {
        let mut is_in = 0;
        // SAFETY: the pseudo handle of this process is always valid; the job is open; `is_in` takes a number.
        done(unsafe { IsProcessInJob(GetCurrentProcess(), self.as_raw(), &raw mut is_in) })?;
        if is_in != 0 {
            return Ok(());
        }
        // SAFETY: as above.
        done(unsafe { AssignProcessToJobObject(self.as_raw(), GetCurrentProcess()) })
    }

    /// The numbers of its live processes.
    fn members(&self) -> io::Result<Vec<Pid>> {
        let mut room = 64;
        loop {
            // Two counts of four bytes, then a number of the size of a pointer for each.
            let mut list = vec![0_usize; room + 2];
            let length = u32::try_from(size_of_val(list.as_slice())).map_err(io::Error::other)?;
            // SAFETY: the handle is open, and `list` has `length` bytes and the alignment that is asked for.
            let outcome = done(unsafe {
                QueryInformationJobObject(
                    self.as_raw(),
                    JobObjectBasicProcessIdList,
                    list.as_mut_ptr().cast(),
                    length,
                    std::ptr::null_mut(),
                )
            });
            match outcome {
                Ok(()) => return Ok(parse(&list)),
                Err(error) if is(&error, ERROR_MORE_DATA) => room *= 4,
                Err(error) => return Err(error),
            }
        }
    }
}

/// `JOBOBJECT_BASIC_PROCESS_ID_LIST`: how many there are, how many of them follow, and their numbers.
fn parse(list: &[usize]) -> Vec<Pid> {
    let counts: Vec<u8> = list.iter().take(2).flat_map(|word| word.to_ne_bytes()).collect();
    let Some((_, [a, b, c, d, ..])) = counts.split_at_checked(4) else { return Vec::new() };
    let count = usize::try_from(u32::from_ne_bytes([*a, *b, *c, *d])).unwrap_or_default();
    let words_before = 8 / size_of::<usize>();
    let number = |word: &usize| Pid::try_from(u32::try_from(*word).ok()?).ok();
    list.iter().skip(words_before).take(count).filter_map(number).collect()
}

/// The live processes of the query's job; none where there is no such job any more.
pub(super) fn members(query: &TreeQuery) -> io::Result<Vec<Pid>> {
    match Job::open(&name(query))? {
        Some(job) => job.members(),
        None => Ok(Vec::new()),
    }
}

/// Puts this process into its job and keeps that open for as long as it lives: its name would go with the last handle.
/// A system that refuses leaves the tree without one: then its members are found by their ancestry and environment.
pub(crate) fn hold_tree(query: &TreeQuery) -> io::Result<()> {
    let Ok(job) = Job::create(&name(query)) else { return Ok(()) };
    if job.take_in_caller().is_ok() {
        // Closed by the end of the process.
        std::mem::forget(job);
    }
    Ok(())
}

/// Ends all members at once, so that none can start another meanwhile: where there is a job, and nothing is in it but
/// members. What remains has to be ended one by one.
pub(crate) fn kill_at_once(query: &TreeQuery, members: &[Identity]) -> io::Result<()> {
    let Some(job) = Job::open(&name(query))? else { return Ok(()) };
    let in_job = job.members()?;
    if in_job.is_empty() || !in_job.iter().all(|pid| members.iter().any(|member| member.pid == *pid)) {
        return Ok(());
    }
    // SAFETY: the handle is open, and was opened for this.
    done(unsafe { TerminateJobObject(job.as_raw(), KILLED) })
}

/// The process that the caller's launch began with: the oldest one in its job.
pub(crate) fn session_leader() -> Option<Pid> {
    let launch_id = crate::launch_context::LaunchContext::any()?.id;
    let members = Job::open(&name_of_launch(&launch_id)).ok()??.members().ok()?;
    members
        .into_iter()
        .filter_map(|pid| Some((Identity::of(pid).ok()??.start_time, pid)))
        .min()
        .map(|(_, pid)| pid)
}

fn name(query: &TreeQuery) -> String {
    match &query.launch_id {
        Some(launch_id) => name_of_launch(launch_id),
        None => name_of(&format!("{}-{}", query.leader.pid, query.leader.start_time.0)),
    }
}

fn name_of_launch(launch_id: &str) -> String {
    name_of(&format!("launch-{launch_id}"))
}

/// A backslash would lead into another name space.
fn name_of(own: &str) -> String {
    format!(r"Global\hiro-process-tree-{}", own.replace('\\', "_"))
}

#[cfg(test)]
mod tests {
    use super::{Job, members, name_of, parse};
    use crate::identity::Identity;
    use crate::pid::Pid;
    use crate::tree::TreeQuery;

    #[test]
    fn a_list_says_how_many_it_holds() {
        let two_of_three = usize::from_ne_bytes([3, 0, 0, 0, 2, 0, 0, 0]);
        let pids: Vec<u32> = parse(&[two_of_three, 8, 12, 0]).into_iter().map(Pid::get).collect();
        assert_eq!(pids, [8, 12]);
        assert!(parse(&[]).is_empty());
    }

    #[test]
    fn a_job_is_found_by_its_name_while_somebody_has_it_open() {
        let query = TreeQuery {
            leader: Identity::current().unwrap(),
            launcher: None,
            launch_id: Some("a-test".into()),
        };
        assert!(members(&query).unwrap().is_empty());
        let job = Job::of_launch("a-test").unwrap();
        assert!(Job::open(&super::name(&query)).unwrap().is_some());
        drop(job);
        assert!(Job::open(&super::name(&query)).unwrap().is_none());
    }

    #[test]
    fn no_id_leads_into_another_name_space() {
        assert_eq!(name_of(r"a\b"), r"Global\hiro-process-tree-a_b");
    }
}
