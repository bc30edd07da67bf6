//! A workspace on disk: its entry in the registry, and the files in its folder.
//!
//! The layout is the one of the Python packages. The database has a module of its own, [`crate::database`].

pub mod config;
pub mod free_ports;
pub mod master_key;
pub mod pairing_session;
pub mod ports;
pub mod registry;
pub mod state;
pub mod supervision;

mod addresses;
mod moment;

pub use config::WorkspaceConfig;
pub use pairing_session::PairingSession;
pub use ports::Ports;
pub use registry::{NewWorkspace, WorkspaceEntry, WorkspaceRegistry};
pub use state::WorkspaceState;
pub use supervision::SupervisionFile;

pub(crate) use moment::with_z;
