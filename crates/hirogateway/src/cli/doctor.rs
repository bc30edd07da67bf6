//! What the doctor found, a line per check.

use std::process::ExitCode;

use super::output::Output;
use crate::service::{Check, Gateways, Outcome};

/// Where nothing belongs to one instance.
const ALL: &str = "gateways";

pub(super) fn run(gateways: &Gateways, name: Option<&str>, output: Output) -> anyhow::Result<ExitCode> {
    let examination = gateways.examine(name)?;
    output.result(&examination, &examination.checks.iter().map(line).collect::<String>())?;
    Ok(if examination.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn line(check: &Check) -> String {
    let mark = match check.outcome {
        Outcome::Ok => "ok",
        Outcome::Warning => "warning",
        Outcome::Failed => "failed",
    };
    let who = check.instance.as_deref().unwrap_or(ALL);
    let hint = check.hint.as_ref().filter(|_| check.outcome != Outcome::Ok);
    let hint = hint.map(|hint| format!("\n         hint: {hint}")).unwrap_or_default();
    format!("{mark:8} {who}  {}: {}{hint}\n", check.check, check.message)
}
