//! Gateway instances of Hiro League: which there are, how each is configured, and the relay that one runs.

pub mod config;
pub mod error;
pub mod paths;
pub mod registry;
pub mod relay;
pub mod state;
pub mod store;

mod instance_name;
mod listen_address;

pub use error::GatewayError;
pub use instance_name::{InstanceName, InvalidName};
