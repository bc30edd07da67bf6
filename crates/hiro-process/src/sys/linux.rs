//! Linux: pidfds, `/proc`, inotify.

mod events;
mod ports;
mod process;
mod procfs;

pub(crate) use super::unix::{
    Child, LifeLock, StopSignals, become_program, create_private_dir, create_private_file, is_executable,
    is_owned_by_caller, life_lock_holder, open_append, open_lock_file, open_no_follow, rename, spawn,
    sync_folder, tree_members,
};
pub(crate) use events::{FolderWatch, wait_for_event};
pub(crate) use ports::port_holder;
pub(crate) use process::{
    PID_MAX, Process, boot_id, close_on_exec_from, process_start_time, session_leader, set_default,
    spawned_start_time, start_time_since_epoch,
};
pub(crate) use procfs::{carries_launch, command_line, launch_id, list_processes};
