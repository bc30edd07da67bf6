//! What a channel plugin of Hiro League links: the connection to the server, and the two plugins that come with it.
//!
//! A plugin implements [`Channel`], and its `main` is [`main()`]; GUIDE.md has one of fifty lines. Who has a process or a
//! runtime of their own calls [`process::run`] or [`run()`] instead; [`echo`] and [`devices`] are two more examples.
//! [`socket`] is shared with the server, so that both ends of the plugin port keep the same limits.

pub mod devices;
pub mod echo;
pub mod gateway_client;
pub mod log;
pub mod process;
pub mod socket;

mod arguments;
mod backoff;
mod channel;
mod error;
mod interruption;
mod options;
mod order;
mod outbound;
mod run;
mod session;

/// The code of the guide, so that it compiles.
#[cfg(doctest)]
#[doc = include_str!("../GUIDE.md")]
pub struct Guide;

/// The message that plugins and server exchange, and what it is made of.
pub use hiro_protocol::unified_message;

pub use arguments::main;
pub use backoff::Backoff;
pub use channel::{Channel, Description, Failure};
pub use error::Error;
pub use options::Options;
pub use outbound::{Disconnected, Outbound};
pub use run::run;
