//! A server over real sockets: its plugin port, its HTTP API, pairing, and the whole way from a device and back.

// Clippy takes helpers for test code only where `cfg(test)` says so.
#[cfg(test)]
mod client;
#[cfg(test)]
mod http;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod pairing;
#[cfg(test)]
mod plugin;
#[cfg(test)]
mod plugin_port;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod running;
#[cfg(test)]
mod stream;
#[cfg(test)]
mod whole_way;
