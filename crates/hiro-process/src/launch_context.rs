//! What a start tells its child through the environment: which launch this is, for which PID file, and where its
//! stderr begins. A launcher in between passes it on without knowing it.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::environment::Changes;
use crate::identity::{Identity, StartTime};
use crate::instance::Instance;
use crate::pid::Pid;

/// The variable that carries the launch id. Every descendant that keeps its environment bears it, which is how they
/// are found again.
pub(crate) const ID: &str = "HIRO_LAUNCH_ID";
const PID_FILE: &str = "HIRO_LAUNCH_PID_FILE";
const STDERR_LOG: &str = "HIRO_LAUNCH_STDERR_LOG";
const STDERR_OFFSET: &str = "HIRO_LAUNCH_STDERR_OFFSET";
const PREDECESSOR: &str = "HIRO_LAUNCH_PREDECESSOR";

/// One launch of one instance.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LaunchContext {
    pub(crate) id: String,
    pub(crate) pid_file: PathBuf,
    pub(crate) stderr_log: PathBuf,
    pub(crate) stderr_offset: u64,
    /// The process whose place is taken, where an instance restarts itself.
    pub(crate) predecessor: Option<Identity>,
}

impl LaunchContext {
    /// The launch that this process was started for, where it was started for `instance`.
    pub(crate) fn of_this_process(instance: &Instance) -> Option<Self> {
        Self::any().filter(|context| context.pid_file == instance.pid_file())
    }

    /// The launch that this process was started for, or that one of its ancestors was.
    pub(crate) fn any() -> Option<Self> {
        Some(Self {
            id: env::var(ID).ok()?,
            pid_file: env::var_os(PID_FILE)?.into(),
            stderr_log: env::var_os(STDERR_LOG)?.into(),
            stderr_offset: env::var(STDERR_OFFSET).ok()?.parse().ok()?,
            predecessor: env::var(PREDECESSOR).ok().and_then(|text| parse_identity(&text)),
        })
    }

    /// The variables that carry it.
    pub(crate) fn variables(&self) -> Changes {
        let mut variables: Vec<(&str, OsString)> = vec![
            (ID, self.id.clone().into()),
            (PID_FILE, self.pid_file.clone().into()),
            (STDERR_LOG, self.stderr_log.clone().into()),
            (STDERR_OFFSET, self.stderr_offset.to_string().into()),
        ];
        if let Some(Identity { pid, start_time }) = self.predecessor {
            variables.push((PREDECESSOR, format!("{pid}:{}", start_time.0).into()));
        }
        variables.into_iter().map(|(name, value)| (name.into(), Some(value))).collect()
    }
}

/// An id that no other launch on this machine bears: who launches, when, and which of its launches it is.
pub(crate) fn fresh_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    format!("{:x}-{now:x}-{:x}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

fn parse_identity(text: &str) -> Option<Identity> {
    let (pid, start_time) = text.split_once(':')?;
    Some(Identity { pid: Pid::parse(pid)?, start_time: StartTime(start_time.parse().ok()?) })
}
