//! Hiro League on one machine: workspaces, the server that each has, and its channel plugins.

pub mod database;
pub mod demo;
pub mod error;
pub mod server;
pub mod workspace;

pub use error::Error;
