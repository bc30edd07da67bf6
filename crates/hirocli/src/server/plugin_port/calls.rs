//! What the server does when a plugin calls.

use hiro_channel_sdk::devices;
use hiro_protocol::gateway::pairing::PairingAnswer;
use hiro_protocol::json_rpc::{ErrorObject, Id, Notification, Response, method};
use serde_json::{Map, Value, json};
use tokio::task::spawn_blocking;

use super::connection::{Connection, Farewell};
use crate::server::context::Context;
use crate::server::hub::Registration;
use crate::server::supervision::Offence;
use crate::server::tokens::{Caller, Refusal};
use crate::server::{messages, pairing, plugin_config};

/// Does what the plugin wants, and answers if it asks. Says so when the connection must end for it.
pub(super) async fn obey(
    connection: &mut Connection<'_>,
    id: Option<Id>,
    method: &str,
    params: Map<String, Value>,
) -> Option<Farewell> {
    let done = match method {
        method::REGISTER => match register(connection, &params).await {
            Ok(()) => Ok(()),
            Err(farewell) => return Some(farewell),
        },
        // Who isn't registered, or has been replaced, has no say.
        method::RECEIVE | method::EVENT if !connection.owns_its_name() => Ok(()),
        method::RECEIVE => {
            messages::receive(connection.context, connection.name.as_deref().unwrap_or_default(), params)
                .await
        }
        method::EVENT => event(connection.context, connection.name.as_deref(), &params).await,
        unknown => Err(ErrorObject::method_not_found(unknown)),
    };
    if let (None, Err(error)) = (&id, &done) {
        connection.note_malformed(&error.message);
    }
    let outcome = done.map(|()| json!({"ok": true}));
    connection.respond(&Response::new(id?, outcome))
}

/// A plugin has lost its connection, and its name with it.
pub(super) async fn plugin_left(context: &Context, name: &str) {
    if name == devices::NAME {
        context.gateway.disconnected().await;
    }
}

async fn register(connection: &mut Connection<'_>, params: &Map<String, Value>) -> Result<(), Farewell> {
    let registration = registration(params).ok_or(Farewell::Nameless)?;
    if connection.name.is_none() {
        admit(connection, &registration.name, params).await?;
    }
    let Some(line) = connection.open_line() else {
        connection.note_malformed("a second registration");
        return Ok(());
    };
    // The configuration is queued before the hub knows the plugin: so it comes before any message.
    let config = plugin_config::config_for(connection.context, &registration.name).await;
    let params = Map::from_iter([("config".to_owned(), Value::Object(config))]);
    connection.push(Notification::new(method::CONFIGURE, params).to_frame())?;
    tracing::info!(name = %registration.name, version = %registration.version, "plugin registered");
    connection.name = Some(registration.name.clone());
    let (context, name) = (connection.context, registration.name.clone());
    context.hub.register(registration, line);
    messages::plugin_came(context, &name);
    Ok(())
}

/// Lets only those pass who may have the name.
async fn admit(connection: &Connection<'_>, name: &str, params: &Map<String, Value>) -> Result<(), Farewell> {
    let context = connection.context;
    let caller = Caller {
        token: params.get("token").and_then(Value::as_str).map(str::to_owned),
        ends: connection.ends,
        is_taken: context.hub.has(name),
        // The database need not be asked about a name that is somebody's.
        is_open: !context.tokens.has(name) && plugin_config::is_open(context, name).await,
    };
    judge(context, name, caller).await.map_err(|refusal| {
        tracing::warn!(%name, %refusal, peer = ?connection.ends, "somebody may not register");
        context.supervision.offended(name, Offence::Refused);
        Farewell::Unwanted { reason: refusal.to_string() }
    })
}

async fn judge(context: &Context, name: &str, caller: Caller) -> Result<(), Refusal> {
    if caller.token.is_some() {
        return context.tokens.admit(name, &caller);
    }
    let (tokens, asked) = (context.tokens.clone(), name.to_owned());
    let admitted = spawn_blocking(move || tokens.admit(&asked, &caller)).await;
    admitted.expect("a look at processes doesn't panic")
}

fn registration(params: &Map<String, Value>) -> Option<Registration> {
    let text = |key| params.get(key).and_then(Value::as_str);
    Some(Registration {
        name: text("name").filter(|name| !name.is_empty())?.to_owned(),
        version: text("version").unwrap_or("?").to_owned(),
        description: text("description").unwrap_or_default().to_owned(),
    })
}

/// Only the devices plugin speaks for the gateway.
async fn event(
    context: &Context,
    from: Option<&str>,
    params: &Map<String, Value>,
) -> Result<(), ErrorObject> {
    let event = params.get("event").and_then(Value::as_str);
    let event = event.ok_or_else(|| ErrorObject::internal("channel.event requires params.event"))?;
    let nothing = Map::new();
    let data = params.get("data").and_then(Value::as_object).unwrap_or(&nothing);
    if from != Some(devices::NAME) {
        return Ok(());
    }
    match event {
        "gateway_connected" => {
            let url = data.get("gateway_url").and_then(Value::as_str).filter(|url| !url.is_empty());
            context.gateway.connected(url.unwrap_or(&context.config.gateway_url)).await;
        }
        "gateway_disconnected" => context.gateway.disconnected().await,
        "pairing_request" => {
            if let Some(answer) = pairing::answer(context, data).await {
                context.hub.send(devices::NAME, pairing_response(&answer));
            }
        }
        _ => {}
    }
    Ok(())
}

fn pairing_response(answer: &PairingAnswer) -> String {
    let params = json!({"event": "pairing_response", "data": answer});
    let params = params.as_object().cloned().unwrap_or_default();
    Notification::new(method::EVENT, params).to_frame()
}
