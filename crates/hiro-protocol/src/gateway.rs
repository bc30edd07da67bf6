//! What travels between the gateway and its peers: the frames of login, pairing and presence, and the closures.
//!
//! Frames between peers are not described here: the gateway relays any JSON object and reads three of its keys only.

pub mod client;
pub mod closing;
pub mod first_frame;
pub mod pairing;
pub mod refusal;
pub mod server;
