//! The rows of a workspace's services in a status: those that are defined, and those of which something is left.

use std::thread;

use hiro_process::get_status;
use hirogateway::InstanceName;
use hirogateway::report::{InstanceReport, Kind, Runtime, StateName};
use indexmap::IndexMap;
use serde_json::json;

use super::{Definition, Service, Services, store};
use crate::Error;
use crate::context::Context;
use crate::tools::server::supervised;
use crate::workspace::WorkspaceEntry;
use crate::workspace::supervision::SupervisionFile;

/// The rows, and why there may be more: a `services.json` that can't be read. What runs is found without it.
///
/// # Errors
/// The folder of the instances can't be read.
pub fn reports(
    context: &Context,
    workspace: &WorkspaceEntry,
) -> Result<(Vec<InstanceReport>, Option<Error>), Error> {
    let (defined, failure) = match store::load(&workspace.path) {
        Ok(defined) => (defined, None),
        Err(error) => (IndexMap::new(), Some(error)),
    };
    let place = Services::of(&workspace.path);
    let mut rows = Vec::new();
    let left = place.known()?.into_iter().filter(|name| !defined.contains_key(name));
    let left: Vec<InstanceName> = left.filter_map(|name| name.parse().ok()).collect();
    // A look may wait for an answer: all at the same time.
    let looks: Vec<_> = thread::scope(|scope| {
        let one = |(name, definition): (String, Definition)| {
            scope.spawn(move || defined_report(context, workspace, &name, definition))
        };
        let looks: Vec<_> = defined.into_iter().map(one).collect();
        looks.into_iter().map(|look| look.join().expect("a look doesn't panic")).collect()
    });
    for row in looks {
        rows.push(row?);
    }
    for name in left {
        let row = left_report(workspace, &place, &name)?;
        rows.extend(Some(row).filter(|row| row.state != StateName::Stopped));
    }
    let accounts = SupervisionFile::of_running_server(&workspace.path);
    rows.iter_mut().for_each(|row| supervised::add(row, &accounts));
    Ok((rows, failure))
}

fn defined_report(
    context: &Context,
    workspace: &WorkspaceEntry,
    name: &str,
    definition: Definition,
) -> Result<InstanceReport, Error> {
    let service = Service::new(context, workspace, name.parse()?, definition);
    let definition = service.definition();
    let runtime = if definition.uv.is_some() { Runtime::Uv } else { Runtime::Native };
    let mut row = row(workspace, service.place(), service.name(), &service.look()?, runtime)?;
    row.port = definition.ready.address().map(|address| address.port().into());
    row.other.insert("ready".to_owned(), json!(definition.ready));
    row.other.insert("restart".to_owned(), json!(definition.restart));
    row.other.insert("project".to_owned(), json!(definition.project));
    Ok(row)
}

/// A service that is defined no more, or whose definition can't be read.
fn left_report(
    workspace: &WorkspaceEntry,
    place: &Services,
    name: &InstanceName,
) -> Result<InstanceReport, Error> {
    let state = get_status(&place.instance(name)?);
    let mut row = row(workspace, place, name, &state, Runtime::Native)?;
    if row.state != StateName::Stopped {
        row.add_error("it has no definition");
    }
    Ok(row)
}

fn row(
    workspace: &WorkspaceEntry,
    place: &Services,
    name: &InstanceName,
    state: &hiro_process::State,
    runtime: Runtime,
) -> Result<InstanceReport, Error> {
    let called = format!("{}/{name}", workspace.name);
    let mut row = InstanceReport::new(Kind::Service, &called, &place.instance(name)?, state, runtime);
    row.stderr_log = place.stderr_log(name);
    row.other.insert("stdout_log".to_owned(), json!(place.stdout_log(name)));
    row.other.insert("workspace_id".to_owned(), json!(workspace.id));
    Ok(row)
}
