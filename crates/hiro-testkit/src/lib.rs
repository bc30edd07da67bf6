//! What the tests with real processes share: the stage, the puppets on it, and the one wait that is a poll.
//!
//! A test never sleeps and never guesses: a puppet that answers is alive, a puppet whose socket ends is dead.

mod desktop_entry;
mod league;
mod login;
#[cfg(unix)]
mod nats;
mod operations;
mod ports;
mod processes;
mod programs;
pub mod puppet;
mod python_gateway;
mod python_server;
mod stage;
mod until;
mod uv;
mod wine;
mod workspace;

pub use desktop_entry::desktop_entry_command;
pub use league::{DESKTOP_KEY, Home, League, Output};
pub use login::LoginEntry;
#[cfg(unix)]
pub use nats::Nats;
pub use operations::{failure, start, states_seen_during, stop};
pub use ports::{Ports, free_port};
pub use processes::{
    exits_are_told_to_others, is_listed, is_zombie, kill, open_descriptors, processes_concerned_with,
    resident_bytes, until_no_more_descriptors,
};
pub use programs::{program, target_folder};
pub use python_gateway::{python_gateway, python_of};
pub use python_server::{PYTHON_SERVER, python_server};
pub use stage::{PuppetHandle, Stage, announce};
pub use until::{PATIENCE, until};
pub use uv::uv;
pub use wine::{Lack, taken_by_this_test, tells_port_holders, wine_lacks};
pub use workspace::{copy_tree, uv_workspace, uv_workspace_with_stand_in};
