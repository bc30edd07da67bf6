//! Hiro League on one machine: workspaces, the server that each has, its channel plugins, and the command line.

pub mod channels;
pub mod cli;
pub mod context;
pub mod database;
pub mod demo;
pub mod error;
pub mod league;
pub mod runtime;
pub mod server;
pub mod services;
pub mod tools;
pub mod workspace;

mod file_lock;
mod instance_folder;
mod log_tail;

pub use context::Context;
pub use error::Error;
