//! What Linux and macOS share: files, locks, the detached spawn, stop signals, exec.

mod environment;
mod exec;
mod files;
mod life_lock;
pub(super) mod poll;
mod signal;
mod spawn;
mod stop_signals;
mod tree;

pub(crate) use environment::is_same_variable;
pub(crate) use exec::{become_program, shim_signals};
pub(crate) use files::{
    create_private_dir, create_private_file, is_at, is_executable, is_owned_by_caller, open_append,
    open_lock_file, open_no_follow, remove_file, rename, sync_folder,
};
pub(crate) use life_lock::{LifeLock, life_lock_holder};
pub(crate) use spawn::{Child, child_has_ended, session_leader, spawn};
pub(crate) use stop_signals::StopSignals;
pub(crate) use tree::{hold_tree, kill_at_once};
