//! Gateway instances of Hiro League: which there are, how each is configured, the processes that they run as, and the
//! relay that each of them is.

pub mod autostart;
pub mod cli;
pub mod config;
pub mod error;
pub mod foreground;
pub mod log;
pub mod metrics;
pub mod paths;
pub mod registry;
pub mod relay;
pub mod report;
pub mod runtime;
pub mod service;
pub mod state;
pub mod store;

mod backlog;
mod descriptors;
mod instance_name;
mod listen_address;
mod settings;

pub use error::GatewayError;
/// The foreground process, by the name that the Python package has for it.
pub use foreground as main;
pub use instance_name::{InstanceName, InvalidName};
pub use service::Gateways;
