//! Wire types and keys of Hiro League: what travels between the server, its channel plugins, the gateway and the
//! devices behind it, and the rows of their logs.
//!
//! Pure data: nothing here opens a file or a socket, and the time comes in as an argument.

pub mod attestation;
pub mod gateway;
pub mod json_rpc;
pub mod keys;
pub mod log_row;
pub mod nonce;
pub mod unified_message;

mod iso_time;
