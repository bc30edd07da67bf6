//! Plugins against a server and a gateway that are played by the test, over real sockets.

// Clippy takes helpers for test code only where `cfg(test)` says so.
#[cfg(test)]
mod connection;
#[cfg(test)]
mod devices;
#[cfg(test)]
mod echo;
#[cfg(test)]
mod guide;
#[cfg(test)]
mod peer;
