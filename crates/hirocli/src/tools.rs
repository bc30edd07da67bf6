//! What the command line does, as functions that return data: for the server of a workspace, and for workspaces.

pub mod server;
pub mod workspaces;
