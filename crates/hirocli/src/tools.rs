//! What the command line does, as functions that return data: for the server of a workspace, its
//! devices and logs, and for workspaces.

pub mod devices;
pub mod logs;
pub mod server;
pub mod workspaces;
