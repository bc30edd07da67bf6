//! What the tools about workspaces do.

use serde_json::json;

use super::{Outcome, told};
use crate::server::toolbox::Call;
use crate::tools::workspaces::{self, Changes, Setup};
use crate::workspace::NewWorkspace;

/// What is left to do by hand.
const NEXT: &str =
    "remove the program itself as it was installed: `cargo uninstall hirocli`, or delete its file";

pub(in crate::server::toolbox) fn list(call: &Call<'_>) -> Outcome {
    Ok(json!({"workspaces": workspaces::list(call.home).map_err(told)?}))
}

pub(in crate::server::toolbox) fn show(call: &Call<'_>) -> Outcome {
    Ok(json!(workspaces::show(call.home, Some(&call.workspace()?.id)).map_err(told)?))
}

pub(in crate::server::toolbox) fn create(call: &Call<'_>) -> Outcome {
    let new = NewWorkspace {
        name: call.required_name("name")?,
        path: call.folder("path")?,
        make_default: call.is_on("set_default")?,
    };
    Ok(json!(workspaces::create(call.home, new, None).map_err(told)?))
}

/// This server's own workspace, too: it learns of it at its next start.
pub(in crate::server::toolbox) fn setup(call: &Call<'_>) -> Outcome {
    let setup = Setup {
        gateway_url: call.some_text("gateway_url")?.map(str::to_owned),
        http_port: call.port("port")?,
        metrics_enabled: call.switch("metrics")?,
        metrics_interval: call.seconds("metrics_interval")?,
        runtime: None,
        start_server: call.is_on("start_server")?,
        autostart: None,
    };
    Ok(json!(workspaces::setup(call.home, &call.workspace()?, &setup, &mut |_| {}).map_err(told)?))
}

pub(in crate::server::toolbox) fn update(call: &Call<'_>) -> Outcome {
    let changes = Changes {
        name: call.name("name")?,
        make_default: call.is_on("set_default")?,
        gateway_url: call.some_text("gateway_url")?.map(str::to_owned),
        runtime: None,
    };
    Ok(json!(workspaces::change(call.home, &call.workspace()?.id, &changes).map_err(told)?))
}

pub(in crate::server::toolbox) fn remove(call: &Call<'_>) -> Outcome {
    let workspace = call.other_workspace("hiro workspaces remove")?;
    Ok(json!(workspaces::remove(call.home, &workspace.id, call.is_on("purge")?).map_err(told)?))
}

pub(in crate::server::toolbox) fn teardown(call: &Call<'_>) -> Outcome {
    let workspace = call.other_workspace("hiro workspaces teardown")?;
    Ok(json!(workspaces::teardown(call.home, Some(&workspace.id), call.is_on("purge")?).map_err(told)?))
}

pub(in crate::server::toolbox) fn uninstall(call: &Call<'_>) -> Outcome {
    let workspace = call.other_workspace("hiro uninstall")?;
    let done = workspaces::teardown(call.home, Some(&workspace.id), call.is_on("purge")?).map_err(told)?;
    let mut result = json!(done);
    result["next"] = json!(NEXT);
    Ok(result)
}
