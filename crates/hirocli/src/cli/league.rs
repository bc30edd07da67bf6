//! The commands about the whole league: up, down, demo, status.

use std::process::ExitCode;

use hirogateway::cli::Output;
use hirogateway::report::table;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::arguments::{Demo, Up};
use super::{failure, progress, service_text, text};
use crate::context::Context;
use crate::demo::DemoOutcome;
use crate::league::{self, ProjectChoice, Status, UpOptions};

pub(super) fn up(context: &Context, up: &Up, output: Output) -> anyhow::Result<ExitCode> {
    let options = UpOptions {
        workspace: up.which.workspace.clone(),
        ports_from: up.ports_from,
        project: match &up.project {
            Some(folder) => ProjectChoice::In(folder.clone()),
            None => ProjectChoice::Nearest(".".into()),
        },
        ..UpOptions::default()
    };
    let league = league::up(context, &options, &mut progress::tell)?;
    league
        .services
        .services
        .iter()
        .flat_map(|service| &service.warnings)
        .for_each(|warning| progress::warn(warning));
    let reports = league::status(context, None)?.reports;
    let news = service_text::upheld(&league.services);
    if !news.is_empty() {
        output.line(&news)?;
    }
    output.line(&text::up(&table(&reports, Timestamp::now())))?;
    let said = match &up.demo {
        Some(message) => Some(league::demonstrate(context, up.which.workspace(), message)?),
        None => None,
    };
    if let Some(outcome) = &said {
        output.line(&text::demo(outcome))?;
    }
    if output.json {
        let instances = &reports.instances;
        let mut result = json!({"gateway": league.gateway, "server": league.server,
            "services": league.services, "instances": instances});
        result["demo"] = said.as_ref().map_or(Value::Null, demo_result);
        output.result(&result, "")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What could be stopped is told about, then what could not.
pub(super) fn down(context: &Context, output: Output) -> anyhow::Result<ExitCode> {
    let down = league::down(context);
    output.result(&json!({"stopped": down.stopped}), &text::down(&down.stopped))?;
    Ok(fail_with(down.failures))
}

pub(super) fn demo(context: &Context, demo: &Demo, output: Output) -> anyhow::Result<ExitCode> {
    let outcome = league::demonstrate(context, demo.which.workspace(), &demo.message)?;
    output.result(&demo_result(&outcome), &text::demo(&outcome))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn status_of_workspace(
    context: &Context,
    workspace: &str,
    output: Output,
) -> anyhow::Result<ExitCode> {
    let status = league::status_of_workspace(context, workspace)?;
    show(&status, output)?;
    Ok(fail_with(status.failures))
}

/// The exit code tells about one instance if that one was named.
pub(super) fn status(context: &Context, name: Option<&str>, output: Output) -> anyhow::Result<ExitCode> {
    let status = league::status(context, name)?;
    show(&status, output)?;
    Ok(match (name, status.reports.instances.as_slice()) {
        (Some(_), [report]) => ExitCode::from(report.state.exit_code()),
        _ => fail_with(status.failures),
    })
}

fn show(status: &Status, output: Output) -> anyhow::Result<()> {
    let table = table(&status.reports, Timestamp::now());
    let is_empty = table.is_empty() && status.failures.is_empty();
    output.reports(&status.reports, if is_empty { text::NOTHING } else { &table })?;
    Ok(())
}

fn fail_with(failures: Vec<crate::Error>) -> ExitCode {
    let printed = failures.into_iter().map(|error| failure::print_failure(&error.into()));
    printed.last().unwrap_or(ExitCode::SUCCESS)
}

fn demo_result(outcome: &DemoOutcome) -> Value {
    json!({
        "device_id": outcome.device_id,
        "echo": outcome.echo,
        "pairing_ms": outcome.pairing_time.as_secs_f64() * 1e3,
        "round_trip_ms": outcome.round_trip.as_secs_f64() * 1e3,
    })
}
