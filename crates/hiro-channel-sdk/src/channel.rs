//! What a channel plugin is: who it says it is, and what it does with each thing the server tells it.

use std::error::Error;
use std::future::{Future, ready};

use hiro_protocol::unified_message::UnifiedMessage;
use serde_json::{Map, Value};

use crate::Outbound;

/// Why a channel could not do as told: logged, and sent to the server if it asked.
pub type Failure = Box<dyn Error + Send + Sync>;

/// How a plugin introduces itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The name under which the server knows it.
    pub name: String,
    /// Its own version.
    pub version: String,
    /// One line for people.
    pub summary: String,
}

impl Description {
    /// A plugin of that name and version, and one line about it.
    ///
    /// ```
    /// use hiro_channel_sdk::Description;
    ///
    /// assert_eq!(Description::new("telegram", "1.0.0", "Chats on Telegram.").name, "telegram");
    /// ```
    #[must_use]
    pub fn new(name: &str, version: &str, summary: &str) -> Self {
        Self { name: name.to_owned(), version: version.to_owned(), summary: summary.to_owned() }
    }
}

/// A channel plugin. One call at a time, in the order of the server's frames.
pub trait Channel: Send {
    /// Who it is; asked once per connection.
    fn description(&self) -> Description;

    /// The server's configuration, once per connection at least, before [`on_start`](Self::on_start).
    ///
    /// # Errors
    /// Why the configuration is of no use.
    fn on_configure(
        &mut self,
        config: Map<String, Value>,
        outbound: &Outbound,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        let _ = (config, outbound);
        ready(Ok(()))
    }

    /// Begin to work; once per connection, after the first configuration. What it starts may keep a clone of
    /// `outbound` until [`on_stop`](Self::on_stop).
    ///
    /// # Errors
    /// Why it can't.
    fn on_start(&mut self, outbound: &Outbound) -> impl Future<Output = Result<(), Failure>> + Send {
        let _ = outbound;
        ready(Ok(()))
    }

    /// A message for the third party behind this channel. May come before any configuration.
    ///
    /// # Errors
    /// Why it can't be sent.
    fn on_send(
        &mut self,
        message: UnifiedMessage,
        outbound: &Outbound,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Something that the server wants this channel to know.
    ///
    /// # Errors
    /// Why it can't act on it.
    fn on_event(
        &mut self,
        event: &str,
        data: Map<String, Value>,
        outbound: &Outbound,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        let _ = (event, data, outbound);
        ready(Ok(()))
    }

    /// The connection ends: end what [`on_start`](Self::on_start) began. Called once for each start.
    fn on_stop(&mut self) -> impl Future<Output = ()> + Send {
        ready(())
    }
}
