//! The commands about which instances there are.

use std::io::{BufRead, Write};
use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;

use super::arguments::{Create, Remove, Teardown, Update};
use super::output::Output;
use super::text;
use crate::service::{Gateways, RemoveResult};

pub(super) fn create(gateways: &Gateways, create: &Create, output: Output) -> anyhow::Result<ExitCode> {
    let result = gateways.setup_instance(create.setup()?)?;
    let code = output.result(&result, &text::created(&result, &gateways.command_name()))?;
    result.autostart.check(&result.instance_name)?;
    Ok(code)
}

pub(super) fn list(gateways: &Gateways, output: Output) -> anyhow::Result<ExitCode> {
    let reports = gateways.get_status(None)?;
    output.reports(&reports, &text::list(&reports))
}

pub(super) fn show(gateways: &Gateways, name: Option<&str>, output: Output) -> anyhow::Result<ExitCode> {
    let entry = gateways.resolve(name)?;
    let reports = gateways.get_status(Some(&entry.name))?;
    output.reports(&reports, &reports.instances.iter().map(text::details).collect::<String>())
}

pub(super) fn set_default(gateways: &Gateways, name: &str, output: Output) -> anyhow::Result<ExitCode> {
    gateways.set_default(name)?;
    output.result(&json!({"default_instance": name}), &format!("Default gateway instance: '{name}'."))
}

pub(super) fn remove(gateways: &Gateways, remove: &Remove, output: Output) -> anyhow::Result<ExitCode> {
    if !remove.yes && !confirms(&text::removal(&remove.name, remove.purge))? {
        anyhow::bail!("aborted: `{}` is still there", remove.name);
    }
    let result = gateways.remove(&remove.name, remove.purge)?;
    report_removal(result, output)
}

pub(super) fn teardown(gateways: &Gateways, teardown: &Teardown, output: Output) -> anyhow::Result<ExitCode> {
    let result = gateways.teardown_instance(teardown.which.name(), teardown.purge)?;
    report_removal(result, output)
}

pub(super) fn update(gateways: &Gateways, update: &Update, output: Output) -> anyhow::Result<ExitCode> {
    let result = gateways.change_instance(update.which.name(), &update.changes()?)?;
    let code = output.result(&result, &text::changed(&result))?;
    result.autostart.check(&result.instance_name)?;
    Ok(code)
}

fn report_removal(result: RemoveResult, output: Output) -> anyhow::Result<ExitCode> {
    let code = output.result(&result, &text::removed(&result))?;
    result.autostart.check(&result.instance_name)?;
    Ok(code)
}

/// Whether the user says yes; who is not there says no.
fn confirms(question: &str) -> anyhow::Result<bool> {
    write!(std::io::stderr(), "{question} [y/N] ").context("could not ask")?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).context("could not read the answer")?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}
