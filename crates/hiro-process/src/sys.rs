//! What each operating system must provide, listed once: a function that one of them lacks does not compile there.
//!
//! The only modules with `unsafe` in the workspace. POSIX parts that Linux and macOS share are in `unix`.

#![expect(unsafe_code, reason = "system calls that no safe library offers in the form needed here")]

mod tree;

#[cfg(unix)]
mod unix;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as platform;

#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
use macos as platform;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

// Files.
pub(crate) use platform::{
    create_private_dir, create_private_file, is_at, is_executable, is_owned_by_caller, open_append,
    open_lock_file, open_no_follow, remove_file, rename, sync_folder,
};
// Processes: numbers, identities, handles, children.
pub(crate) use platform::{
    Child, PID_MAX, Process, boot_id, child_has_ended, is_same_variable, process_start_time, session_leader,
    spawn, start_time_since_epoch,
};
// The instance: its lock, its tree, the request to stop, the program behind the shim.
pub(crate) use platform::{
    LifeLock, StopSignals, become_program, carries_launch, command_line, hold_tree, kill_at_once, launch_id,
    life_lock_holder, shim_signals,
};
pub(crate) use tree::tree_members;
// The text that only Windows makes of a command.
#[cfg(windows)]
pub use platform::windows_command_line;
// Waiting and ports.
pub(crate) use platform::{FolderWatch, holds_connection, port_holder, wait_for_event};

#[cfg(test)]
mod tests;
