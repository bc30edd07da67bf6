//! Windows: handles for everything, job objects for trees, named events for stops.

mod account;
mod argument_words;
mod attribute_list;
mod boot;
mod console;
mod environment_block;
mod files;
mod folder_watch;
mod handle;
mod introspection;
mod job;
mod life_lock;
mod new_process;
mod owner_only;
mod ports;
mod process;
mod process_list;
mod process_memory;
mod retry;
mod shim;
mod spawn;
mod stop_event;
mod stop_signals;
mod wait;
mod wide;

pub(crate) use boot::boot_id;
pub(crate) use environment_block::is_same_variable;
pub(crate) use files::{
    create_private_dir, create_private_file, is_at, is_executable, is_owned_by_caller, open_append,
    open_lock_file, open_no_follow, remove_file, rename, sync_folder,
};
pub(crate) use folder_watch::FolderWatch;
pub(crate) use introspection::{carries_launch, command_line, launch_id};
pub(crate) use job::{hold_tree, kill_at_once, session_leader};
pub(crate) use life_lock::{LifeLock, life_lock_holder};
pub use new_process::windows_command_line;
pub(crate) use ports::{holds_connection, port_holder};
pub(crate) use process::{PID_MAX, Process, process_start_time, start_time_since_epoch};
pub(crate) use process_list::list_processes;
pub(crate) use shim::become_program;
pub(crate) use spawn::{Child, child_has_ended, spawn};
pub(crate) use stop_signals::{StopSignals, shim_signals};
pub(crate) use wait::wait_for_event;
