//! What each tool does: a call of the library function that the command line calls, and its result as JSON.

use hiro_process::StopOptions;
use hirogateway::report::Reports;
use hirogateway::service::StartRequest;
use serde_json::{Value, json};

use super::Call;
use crate::error::with_causes;
use crate::tools::logs::{self, Search, Source};
use crate::tools::{devices, server, workspaces};

type Outcome = Result<Value, String>;

const DEFAULT_LIMIT: u64 = 200;
const DEFAULT_LINES: u64 = 500;

fn told(error: impl std::error::Error + 'static) -> String {
    with_causes(&error)
}

pub(super) fn status(call: &Call<'_>) -> Outcome {
    let rows = server::reports(&call.workspace()?, false).map_err(told)?;
    Ok(json!(Reports::new(rows)))
}

pub(super) fn start(call: &Call<'_>) -> Outcome {
    Ok(json!(server::start(call.home, &call.workspace()?, &mut |_| {}).map_err(told)?))
}

pub(super) fn stop(call: &Call<'_>) -> Outcome {
    Ok(json!(server::stop(&call.other_workspace("/_shutdown")?).map_err(told)?))
}

pub(super) fn restart(call: &Call<'_>) -> Outcome {
    let workspace = call.other_workspace("/_restart")?;
    Ok(json!(server::restart(call.home, &workspace, &mut |_| {}).map_err(told)?))
}

pub(super) fn gateway_status(call: &Call<'_>) -> Outcome {
    let name = call.instance()?;
    let name = name.as_ref().map(hirogateway::InstanceName::as_str);
    Ok(json!(call.home.gateways.get_status(name).map_err(told)?))
}

pub(super) fn gateway_start(call: &Call<'_>) -> Outcome {
    let name = call.instance()?;
    let name = name.as_ref().map(hirogateway::InstanceName::as_str);
    let started = call.home.gateways.start_instance(name, &StartRequest::default(), &mut |_, _| {});
    Ok(json!(started.map_err(told)?))
}

pub(super) fn gateway_stop(call: &Call<'_>) -> Outcome {
    let name = call.instance()?;
    let name = name.as_ref().map(hirogateway::InstanceName::as_str);
    Ok(json!(call.home.gateways.stop_instance(name, &StopOptions::default()).map_err(told)?))
}

pub(super) fn workspace_list(call: &Call<'_>) -> Outcome {
    Ok(json!({"workspaces": workspaces::list(call.home).map_err(told)?}))
}

pub(super) fn workspace_show(call: &Call<'_>) -> Outcome {
    Ok(json!(workspaces::show(call.home, Some(&call.workspace()?.id)).map_err(told)?))
}

pub(super) fn device_add(call: &Call<'_>) -> Outcome {
    let (length, lifetime) = (call.number("code_length")?, call.number("ttl_seconds")?);
    Ok(json!(devices::add(&call.workspace()?, length, lifetime).map_err(told)?))
}

pub(super) fn device_list(call: &Call<'_>) -> Outcome {
    Ok(json!({"devices": devices::list(&call.workspace()?).map_err(told)?}))
}

pub(super) fn device_revoke(call: &Call<'_>) -> Outcome {
    let device_id = call.text("device_id")?.unwrap_or_default();
    Ok(json!(devices::revoke(&call.workspace()?, device_id).map_err(told)?))
}

pub(super) fn log_search(call: &Call<'_>) -> Outcome {
    let owned = |key| Ok::<_, String>(call.text(key)?.map(str::to_owned));
    let search = Search {
        source: source(call)?,
        level: owned("level")?,
        module: owned("module")?,
        query: owned("query")?,
        limit: count(call, "limit", DEFAULT_LIMIT)?,
    };
    Ok(json!(logs::search(call.home, &call.workspace()?, &search).map_err(told)?))
}

pub(super) fn log_tail(call: &Call<'_>) -> Outcome {
    let lines = count(call, "lines", DEFAULT_LINES)?;
    let rows = logs::tail(call.home, &call.workspace()?, source(call)?, lines).map_err(told)?;
    Ok(json!({"rows": rows}))
}

fn source(call: &Call<'_>) -> Result<Source, String> {
    call.text("source")?.unwrap_or_default().parse()
}

fn count(call: &Call<'_>, key: &str, default: u64) -> Result<usize, String> {
    Ok(usize::try_from(call.number(key)?.unwrap_or(default)).unwrap_or(usize::MAX))
}
