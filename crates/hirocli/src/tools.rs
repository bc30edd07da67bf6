//! What the command line does, as functions that return data: for the server of a workspace, its
//! services, and workspaces.

pub mod server;
pub mod services;
pub mod workspaces;
