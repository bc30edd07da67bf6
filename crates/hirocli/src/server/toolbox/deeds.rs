//! What each tool does: a call of the library function that the command line calls, and its result as JSON.

pub(super) mod channels;
pub(super) mod gateways;
pub(super) mod workspaces;

use hirogateway::report::Reports;
use serde_json::{Value, json};

use super::Call;
use crate::Error;
use crate::error::with_causes;
use crate::tools::logs::{self, Search, Source};
use crate::tools::server::RunOptions;
use crate::tools::{devices, server};

type Outcome = Result<Value, String>;

const DEFAULT_LIMIT: u64 = 200;
const DEFAULT_LINES: u64 = 500;

/// What is said of an error, with what can be done about it.
fn told(error: impl Into<Error>) -> String {
    let error = error.into();
    match error.hint() {
        Some(hint) => format!("{}; hint: {hint}", with_causes(&error)),
        None => with_causes(&error),
    }
}

pub(super) fn status(call: &Call<'_>) -> Outcome {
    let rows = server::reports(&call.workspace()?, false).map_err(told)?;
    Ok(json!(Reports::new(rows)))
}

pub(super) fn start(call: &Call<'_>) -> Outcome {
    Ok(json!(server::start(call.home, &call.workspace()?, RunOptions::default(), &mut |_| {}).map_err(told)?))
}

pub(super) fn stop(call: &Call<'_>) -> Outcome {
    Ok(json!(server::stop(&call.other_workspace("POST /_shutdown")?).map_err(told)?))
}

pub(super) fn restart(call: &Call<'_>) -> Outcome {
    let workspace = call.other_workspace("POST /_restart")?;
    Ok(json!(server::restart(call.home, &workspace, RunOptions::default(), &mut |_| {}).map_err(told)?))
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
