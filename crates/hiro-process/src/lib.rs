//! Start, watch and stop one background process, and never say anything about it that isn't true.
//!
//! A parent describes what to run ([`Launch`]) and where its files are ([`Instance`]), and calls [`start_instance`],
//! [`get_status`], [`stop_process`]. The child calls [`announce`]. A program that knows nothing of this is put behind the
//! shim ([`become_program`]).
//!
//! The three rules, and what makes them hold:
//! 1. A Python child runs as `uv run --directory <workspace root> python …`: [`Launch::python`].
//! 2. Only the child writes its PID file: no function here takes a PID to write.
//! 3. Only a stop removes the PID file: the function that does is private. stderr always goes to a log file: a launch
//!    can't be made without one.
//!
//! What goes:
//! ```
//! use hiro_process::{Identity, Instance, Launch, is_running};
//! let instance = Instance::new("gateway.pid")?;
//! let launch = Launch::native("/usr/bin/env", instance.stderr_log());
//! assert!(is_running(&Identity::current()?));
//! # Ok::<(), std::io::Error>(())
//! ```
//! What doesn't: removing a PID file (rule 3), a launch without a log for stderr, a bare number for a process.
//! ```compile_fail,E0603
//! use hiro_process::Instance;
//! let instance = Instance::new("gateway.pid")?;
//! hiro_process::stop::remove(&instance);
//! # Ok::<(), std::io::Error>(())
//! ```
//! ```compile_fail,E0061
//! use hiro_process::Launch;
//! let launch = Launch::native("/usr/bin/env");
//! ```
//! ```compile_fail,E0308
//! use hiro_process::is_running;
//! assert!(is_running(4711));
//! ```
//!
//! Synchronous, without a runtime; nothing runs in the background.

mod announce;
mod control_lock;
mod environment;
mod error;
mod evidence;
mod exit_report;
mod file_lock;
pub mod files;
mod identity;
mod instance;
mod launch;
mod launch_context;
mod pid;
mod pid_file;
mod port;
mod process_watch;
mod program;
mod reaper;
mod record;
mod rotating_file;
mod shim;
mod start;
mod start_when;
mod state;
mod status;
mod stderr_log;
mod stop;
mod stop_signal;
mod sys;
mod tree;
mod uv;
mod wait_for_pid;
mod waiting;

/// The example of the README, so that it compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;

pub use announce::{Announced, OwnSignals, announce, announce_with_own_signals};
pub use environment::{ALWAYS_SET, NEVER_INHERITED, child_environment};
pub use error::{Error, PortTaken, StartFailure, StartFailureCause};
pub use exit_report::Exit;
pub use file_lock::FileLock;
pub use identity::{Identity, StartTime, is_running};
pub use instance::Instance;
pub use launch::{Launch, spawn_detached};
pub use pid::{Pid, PidRangeError};
pub use pid_file::{read_pid, read_pid_and_start, write_pid};
pub use port::{PortHolder, is_connected_by, is_served_by, port_taken};
pub use process_watch::ProcessWatch;
pub use record::{Phase, Record, Successor};
pub use rotating_file::RotatingFile;
pub use shim::become_program;
pub use start::{Progress, StartOptions, Started, restart_instance, start_instance, start_instance_while};
pub use start_when::{get_status_when, restart_instance_when, revive_instance, start_instance_when};
pub use state::{Crash, CrashEvidence, Doubt, Run, State};
pub use status::get_status;
pub use stderr_log::{Rotation, cut_log, put_aside, stderr_tail};
pub use stop::{StopOptions, Stopped, clear_crash, stop_process};
pub use stop_signal::{StopRequest, StopRequests};
#[cfg(windows)]
pub use sys::windows_command_line;
pub use tree::tree_of;
pub use uv::{find_workspace_root, uv_python_cmd};
pub use wait_for_pid::wait_for_pid;
