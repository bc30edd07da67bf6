//! Linux: pidfds, `/proc`, inotify.

mod events;
mod exit_status;
mod folder_watch;
mod ports;
mod process;
mod procfs;

pub(crate) use super::unix::{
    Child, LifeLock, StopSignals, become_program, child_has_ended, create_private_dir, create_private_file,
    hold_tree, is_at, is_executable, is_owned_by_caller, is_same_variable, kill_at_once, life_lock_holder,
    open_append, open_lock_file, open_no_follow, remove_file, rename, session_leader, shim_signals, spawn,
    sync_folder,
};
pub(crate) use events::wait_for_event;
pub(crate) use folder_watch::FolderWatch;
pub(crate) use ports::{holds_connection, port_holder};
pub(crate) use process::{
    PID_MAX, Process, boot_id, close_on_exec_from, process_start_time, set_default, spawned_start_time,
    start_time_since_epoch,
};
pub(crate) use procfs::{carries_launch, command_line, launch_id, list_processes};
