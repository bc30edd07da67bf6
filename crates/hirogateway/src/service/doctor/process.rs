//! The checks of an instance's process: what its last run left, and whether the program that would run is there.

use hiro_process::{State as ProcessState, uv_python_cmd};

use super::super::python_gateway::says_nothing;
use super::{Finding, failed, ok, warning, with_causes, wrong};
use crate::error::GatewayError;
use crate::registry::InstanceEntry;
use crate::runtime::RuntimeChoice;
use crate::state::State;

pub(super) fn examine(entry: &InstanceEntry, state: &ProcessState) -> Vec<(&'static str, Finding)> {
    let mut found = vec![("state", process(state))];
    if state.run().is_none() && State::load(&entry.path).is_ok_and(|said| said.desktop_connected) {
        let message = "`state.json` says that a desktop is connected, from a run that is gone";
        found
            .push(("state", warning(message, "the next start corrects it; `hirogate status` is not misled")));
    }
    found.extend(uv(entry).map(|finding| ("uv", finding)));
    found
}

fn process(state: &ProcessState) -> Finding {
    match state {
        ProcessState::Ready(run) => {
            let who = if says_nothing(run) { "the Python gateway" } else { "the gateway" };
            ok(format!("{who} is ready, PID {}", run.identity.pid))
        }
        ProcessState::Stopped => ok("it does not run"),
        ProcessState::Crashed(crash) => wrong(
            format!("it has crashed: {crash}"),
            "`hirogate logs NAME --stderr` shows its last words; the next start or stop clears it",
        ),
        ProcessState::Unverifiable(doubt) => wrong(
            format!("it can't be told whether it runs: {}", doubt.reason),
            "if that process is not this gateway, delete its `gateway.pid`",
        ),
        between => warning(format!("it is {}", between.name()), "ask again in a moment"),
    }
}

/// Nothing to say where no uv is needed.
fn uv(entry: &InstanceEntry) -> Option<Finding> {
    let workspace_dir = match RuntimeChoice::load(&entry.path) {
        Ok(RuntimeChoice::Native) => return None,
        Ok(RuntimeChoice::Uv { workspace_dir }) => workspace_dir,
        Err(error) => return Some(failed(&error)),
    };
    Some(match uv_python_cmd(&workspace_dir) {
        Ok(words) => {
            let uv = words.first().map(|uv| uv.to_string_lossy()).unwrap_or_default();
            ok(format!("`{uv}` runs it from `{}`", workspace_dir.display()))
        }
        Err(error) => {
            let hint = error.hint();
            (super::Outcome::Failed, with_causes(&GatewayError::from(error)), hint)
        }
    })
}
