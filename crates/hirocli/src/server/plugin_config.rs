//! What a plugin is told when it has registered.

use hiro_channel_sdk::devices;
use serde_json::{Map, Value, json};

use super::context::Context;
use crate::Error;

/// How often the devices plugin pings the gateway, in seconds, unless its row says otherwise.
const PING_INTERVAL: f64 = 30.0;

/// The key that opens the plugin port to plugins that people start by hand: in `config.json` for all names that no
/// plugin was started for, in the configuration of a row for its name.
const OPEN: &str = "open_plugin_port";

/// The key of a row's configuration that has the rules by which its plugin is started again.
pub(crate) const RULES: &str = "supervision";

/// The configuration of the plugin `name`: that of its row, if it has one. What the devices plugin needs to log in
/// comes from the workspace, which may have changed since the row was written.
pub(super) async fn config_for(context: &Context, name: &str) -> Map<String, Value> {
    let mut config = stored_config(context, name).await.unwrap_or_else(|error| {
        tracing::warn!(%error, %name, "the plugin gets an empty configuration");
        Map::new()
    });
    // What is the server's own business the plugin need not know.
    for key in [OPEN, RULES] {
        config.remove(key);
    }
    if name == devices::NAME {
        let master_key = context.config.master_key_path(&context.workspace);
        let master_key = std::path::absolute(&master_key).unwrap_or(master_key);
        config.insert("gateway_url".to_owned(), json!(context.config.gateway_url));
        config.insert("device_id".to_owned(), json!(context.config.device_id));
        config.insert("master_key_path".to_owned(), json!(master_key));
        config.entry("ping_interval").or_insert(json!(PING_INTERVAL));
    }
    config
}

/// Whether people may start a plugin `name` by hand: where the configuration of the workspace or that of the row says so.
pub(super) async fn is_open(context: &Context, name: &str) -> bool {
    let says_so = |config: &Map<String, Value>| config.get(OPEN) == Some(&Value::Bool(true));
    says_so(&context.config.other) || stored_config(context, name).await.is_ok_and(|config| says_so(&config))
}

async fn stored_config(context: &Context, name: &str) -> Result<Map<String, Value>, Error> {
    let name = name.to_owned();
    let plugin = context.with_database(move |database| database.channel_plugin(&name)).await?;
    Ok(plugin.map(|plugin| plugin.config).unwrap_or_default())
}
