//! How every instance is: servers with their channels and services, then gateways.

use hirogateway::report::{InstanceReport, Reports};

use crate::Error;
use crate::context::Context;
use crate::services;
use crate::tools::{self, server};
use crate::workspace::{WorkspaceEntry, registry};

/// How the league is.
#[derive(Debug)]
pub struct Status {
    /// A row for every instance that could be found.
    pub reports: Reports,
    /// What keeps others from being found: a registry or a `services.json` that can't be read.
    pub failures: Vec<Error>,
}

/// Looks at every instance, or at the one called `name`. Nothing is changed by it.
///
/// # Errors
/// There is no instance `name`; where a registry can't be read, that is the error.
pub fn status(context: &Context, name: Option<&str>) -> Result<Status, Error> {
    let mut status = all(context);
    let Some(name) = name else { return Ok(status) };
    let found = status.reports.instances.iter().position(|report| report.name == name);
    match (found, status.failures.pop()) {
        (Some(place), _) => {
            let report = status.reports.instances.swap_remove(place);
            Ok(Status { reports: Reports::new(vec![report]), failures: Vec::new() })
        }
        (None, Some(failure)) => Err(failure),
        (None, None) => Err(Error::InstanceUnknown { name: name.to_owned() }),
    }
}

/// Looks at what belongs to one workspace: its server, its channels and its services.
///
/// # Errors
/// There is no such workspace, or what is there can't be read.
pub fn status_of_workspace(context: &Context, named: &str) -> Result<Status, Error> {
    let entry = tools::workspaces::resolve(context, Some(named))?;
    let is_default = registry::load(&context.data)?.default_workspace == entry.id;
    let mut failures = Vec::new();
    let rows = of_workspace(context, &entry, is_default, &mut failures)?;
    Ok(Status { reports: Reports::new(rows), failures })
}

fn all(context: &Context) -> Status {
    let (mut rows, mut failures) = (Vec::new(), Vec::new());
    let gateways = context.gateways.get_status(None).map(|reports| reports.instances);
    for found in [workspaces(context, &mut failures), gateways.map_err(Error::from)] {
        match found {
            Ok(found) => rows.extend(found),
            Err(error) => failures.push(error),
        }
    }
    Status { reports: Reports::new(rows), failures }
}

fn workspaces(context: &Context, failures: &mut Vec<Error>) -> Result<Vec<InstanceReport>, Error> {
    let registry = registry::load(&context.data)?;
    let mut rows = Vec::new();
    for entry in registry.workspaces.values() {
        rows.extend(of_workspace(context, entry, registry.default_workspace == entry.id, failures)?);
    }
    Ok(rows)
}

/// The services hide nothing else: what is wrong with them goes to `failures`.
fn of_workspace(
    context: &Context,
    entry: &WorkspaceEntry,
    is_default: bool,
    failures: &mut Vec<Error>,
) -> Result<Vec<InstanceReport>, Error> {
    let mut rows = server::reports(entry, is_default)?;
    let (services, failure) = services::reports(context, entry)?;
    rows.extend(services);
    failures.extend(failure);
    Ok(rows)
}
