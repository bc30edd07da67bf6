//! What the tools about channels do. This server's own plugins are its children: it gives the orders itself.

use serde_json::json;

use super::{Outcome, told};
use crate::server::toolbox::Call;
use crate::tools::channels::{self, ChannelChange, Presence};

pub(in crate::server::toolbox) fn list(call: &Call<'_>) -> Outcome {
    Ok(json!({"channels": channels::list(&call.workspace()?).map_err(told)?}))
}

pub(in crate::server::toolbox) fn install(call: &Call<'_>) -> Outcome {
    let (name, package) = (call.required_name("name")?, call.some_text("package")?);
    Err(told(channels::not_installed(&name, package)))
}

pub(in crate::server::toolbox) fn setup(call: &Call<'_>) -> Outcome {
    let (workspace, name) = (call.workspace()?, call.required_name("name")?);
    let change = ChannelChange {
        command: call.some_text("command")?.map(channels::words),
        enabled: Some(call.switch("enable")?.unwrap_or(true)),
        ..ChannelChange::default()
    };
    Ok(json!(channels::change(&workspace, &name, Presence::Either, change, call).map_err(told)?))
}

pub(in crate::server::toolbox) fn enable(call: &Call<'_>) -> Outcome {
    set_enabled(call, true)
}

pub(in crate::server::toolbox) fn disable(call: &Call<'_>) -> Outcome {
    set_enabled(call, false)
}

pub(in crate::server::toolbox) fn remove(call: &Call<'_>) -> Outcome {
    let name = call.text("name")?.unwrap_or_default();
    Ok(json!(channels::remove(&call.workspace()?, name, call).map_err(told)?))
}

fn set_enabled(call: &Call<'_>, enabled: bool) -> Outcome {
    let name = call.text("name")?.unwrap_or_default();
    Ok(json!(channels::set_enabled(&call.workspace()?, name, enabled, call).map_err(told)?))
}
