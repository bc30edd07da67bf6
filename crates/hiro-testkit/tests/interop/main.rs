//! Software that nobody here wrote, against ours: the published Python packages sign, verify, connect and relay, and so
//! do we, and nobody can tell the difference but where a table says so.

mod attestations;
mod cases;
mod conversation;
mod devices_plugin;
mod gateways;
mod keys;
mod mirror;
mod peer;
mod placeholders;
mod plugin_port;
mod published;
mod published_hiro;
mod sdk_transport;
mod two_gateways;
mod uv_plugin;
