//! The devices plugin: the bridge between a workspace's server and the devices behind its gateway.
//!
//! It logs in to the gateway as the desktop, with the workspace's master key, and translates both ways.

mod link;
mod settings;
mod translate;

use hiro_protocol::unified_message::UnifiedMessage;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use crate::{Channel, Description, Error, Failure, Options, Outbound};
use link::Link;
use settings::Settings;

/// The name under which the plugin registers.
pub const NAME: &str = "devices";

const VERSION: &str = "0.1.0";

/// The plugin.
#[derive(Debug, Default)]
pub struct Devices {
    settings: Settings,
    link: Option<Link>,
}

/// Runs the plugin; see [`run()`](crate::run()).
///
/// # Errors
/// Those of [`run()`](crate::run()).
pub async fn run(
    options: &Options,
    on_registered: impl FnOnce() + Send,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    crate::run(Devices::default(), options, on_registered, shutdown).await
}

impl Channel for Devices {
    fn description(&self) -> Description {
        Description::new(NAME, VERSION, "Bridges gateway-connected devices to the server.")
    }

    async fn on_configure(&mut self, config: Map<String, Value>, outbound: &Outbound) -> Result<(), Failure> {
        let settings = Settings::parse(config)?;
        let changed = settings != self.settings;
        self.settings = settings;
        if changed && self.link.is_some() {
            self.on_stop().await;
            self.on_start(outbound).await?;
        }
        Ok(())
    }

    async fn on_start(&mut self, outbound: &Outbound) -> Result<(), Failure> {
        let key = self.settings.load_key()?;
        self.link = Some(Link::start(self.settings.clone(), key, outbound.clone()));
        Ok(())
    }

    async fn on_send(&mut self, message: UnifiedMessage, _: &Outbound) -> Result<(), Failure> {
        self.send(translate::for_gateway(&message)).await;
        Ok(())
    }

    async fn on_event(&mut self, event: &str, data: Map<String, Value>, _: &Outbound) -> Result<(), Failure> {
        if event == "pairing_response"
            && let Some(frame) = translate::pairing_response(&data)
        {
            self.send(frame).await;
        }
        Ok(())
    }

    async fn on_stop(&mut self) {
        if let Some(link) = self.link.take() {
            link.stop().await;
        }
    }
}

impl Devices {
    async fn send(&self, frame: String) {
        match &self.link {
            Some(link) => link.send(frame).await,
            None => tracing::warn!("the devices channel is not configured, dropping a frame"),
        }
    }
}
