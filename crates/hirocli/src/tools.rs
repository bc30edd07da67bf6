//! What the command line does, as functions that return data: for the server of a workspace, its channels, and
//! for workspaces.

pub mod api;
pub mod channels;
pub mod server;
pub mod workspaces;
