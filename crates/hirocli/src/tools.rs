//! What the command line does, as functions that return data: for the server of a workspace, its channels, devices and
//! logs, and for workspaces.

pub mod api;
pub mod channels;
pub mod devices;
pub mod logs;
pub mod server;
pub mod workspaces;
