//! What a channel plugin of Hiro League links: the connection to the server, and the two plugins that come with it.
//!
//! A plugin implements [`Channel`] and calls [`run`]; [`echo`] is the smallest example. [`socket`] is shared with the
//! server, so that both ends of the plugin port keep the same limits.

pub mod devices;
pub mod echo;
pub mod gateway_client;
pub mod socket;

mod backoff;
mod channel;
mod error;
mod options;
mod order;
mod outbound;
mod run;
mod session;

pub use backoff::Backoff;
pub use channel::{Channel, Description, Failure};
pub use error::Error;
pub use options::Options;
pub use outbound::{Disconnected, Outbound};
pub use run::run;
