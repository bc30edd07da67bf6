//! All services of a workspace at once, in their order: those of a group at the same time.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use hiro_process::{Progress, State, StopOptions, get_status};
use hirogateway::InstanceName;
use indexmap::IndexMap;
use serde::Serialize;

use super::{ServiceStopped, instance_name};
use crate::Error;
use crate::context::Context;
use crate::services::project::{Plan, plan};
use crate::services::{Definition, Project, Service, ServiceError, Services, order, store};
use crate::workspace::WorkspaceEntry;

/// The services of a workspace, all of them ready.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Upheld {
    /// The project that was read.
    pub project: Option<PathBuf>,
    /// The services, in the order of their starts.
    pub services: Vec<ServiceUp>,
    /// What the project has no more, which was stopped and struck out.
    pub removed: Vec<String>,
}

/// A service that is ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceUp {
    /// How statuses call it.
    pub name: String,
    /// Its process.
    pub pid: u32,
    /// It was ready before.
    pub already_running: bool,
    /// It was defined differently before, and what ran of that was stopped.
    pub is_changed: bool,
    /// What should be known about its definition.
    pub warnings: Vec<String>,
}

/// Defines what the project says, stops what is defined differently now or not at all, and starts everything in order. What
/// runs already, as it is defined, is left as it is. `progress` is told the instance that is waited for.
///
/// # Errors
/// A name is somebody else's service, the order can't be kept, or one does not become ready: then those that come after it
/// are not started, and what was started stays.
pub fn bring_up(
    context: &Context,
    workspace: &WorkspaceEntry,
    project: Option<&Project>,
    progress: &mut dyn FnMut(String, Progress),
) -> Result<Upheld, Error> {
    let defined = store::load(&workspace.path)?;
    let plan = plan(&defined, project)?;
    if let Some(project) = project {
        stop_for(workspace, &defined, &plan)?;
        store::apply(&workspace.path, project)?;
    }
    let (defined, mut services) = (store::load(&workspace.path)?, Vec::new());
    for group in &plan.groups {
        for mut up in start_group(context, workspace, &defined, group, progress)? {
            up.is_changed = plan.changed.iter().any(|name| instance_name(workspace, name) == up.name);
            services.push(up);
        }
    }
    let removed = plan.removed.iter().map(|name| instance_name(workspace, name)).collect();
    Ok(Upheld { project: project.map(|project| project.file.clone()), services, removed })
}

/// Stops every service of a workspace that is defined or has left something behind, in the reverse of the order in which
/// they are started. One that can't be stopped does not keep the others.
#[must_use]
pub fn take_down(workspace: &WorkspaceEntry) -> Vec<Result<ServiceStopped, Error>> {
    let place = Services::of(&workspace.path);
    let (defined, failure) = match store::load(&workspace.path) {
        Ok(defined) => (defined, None),
        Err(error) => (IndexMap::new(), Some(error)),
    };
    let mut outcomes: Vec<Result<ServiceStopped, Error>> = failure.into_iter().map(Err).collect();
    let known = place.known().unwrap_or_else(|error| {
        outcomes.push(Err(error));
        BTreeSet::new()
    });
    let is_left = |name: &String| !defined.contains_key(name) && lives_or_crashed(&place, name);
    let undefined: Vec<String> = known.into_iter().filter(is_left).collect();
    for group in std::iter::once(undefined).chain(reversed(&defined)) {
        outcomes.extend(stop_group(workspace, &defined, &group));
    }
    outcomes
}

/// Whether nothing of any service is left, so that nothing is forgotten with the workspace.
///
/// # Errors
/// [`ServiceError::StillThere`] names the first that is not stopped; or the folder can't be read.
pub fn refuse_running(workspace: &WorkspaceEntry) -> Result<(), Error> {
    let place = Services::of(&workspace.path);
    match place.known()?.into_iter().find(|name| lives_or_crashed(&place, name)) {
        Some(name) => Err(ServiceError::StillThere { name }.into()),
        None => Ok(()),
    }
}

/// Of a service that is defined no more and was stopped there is nothing to say.
fn lives_or_crashed(place: &Services, name: &str) -> bool {
    let instance = name.parse::<InstanceName>().ok().and_then(|name| place.instance(&name).ok());
    instance.is_some_and(|instance| get_status(&instance) != State::Stopped)
}

/// An order that can't be kept is none: then all at once.
fn reversed(defined: &IndexMap<String, Definition>) -> Vec<Vec<String>> {
    let mut groups = order::groups(defined).unwrap_or_else(|_| vec![defined.keys().cloned().collect()]);
    groups.reverse();
    groups
}

fn stop_for(
    workspace: &WorkspaceEntry,
    defined: &IndexMap<String, Definition>,
    plan: &Plan,
) -> Result<(), Error> {
    let ends = |name: &String| plan.changed.contains(name) || plan.removed.contains(name);
    for group in reversed(defined) {
        let group: Vec<String> = group.into_iter().filter(ends).collect();
        for stopped in stop_group(workspace, defined, &group) {
            stopped?;
        }
    }
    Ok(())
}

fn stop_group(
    workspace: &WorkspaceEntry,
    defined: &IndexMap<String, Definition>,
    group: &[String],
) -> Vec<Result<ServiceStopped, Error>> {
    let place = Services::of(&workspace.path);
    let grace = |name: &String| defined.get(name).map_or(StopOptions::default().grace, |it| it.stop_grace);
    let one = |name: &String, grace: Duration| -> Result<ServiceStopped, Error> {
        let stopped = place.stop(&name.parse::<InstanceName>()?, grace)?;
        Ok(ServiceStopped::new(instance_name(workspace, name), &stopped))
    };
    let one = &one;
    thread::scope(|scope| {
        let stops: Vec<_> = group
            .iter()
            .map(|name| (name, grace(name)))
            .map(|(name, grace)| scope.spawn(move || one(name, grace)))
            .collect();
        stops.into_iter().map(|stop| stop.join().expect("a stop doesn't panic")).collect()
    })
}

/// Starts all of a group; the error is the first one's, when all have had their time.
fn start_group(
    context: &Context,
    workspace: &WorkspaceEntry,
    defined: &IndexMap<String, Definition>,
    group: &[String],
    progress: &mut dyn FnMut(String, Progress),
) -> Result<Vec<ServiceUp>, Error> {
    let mut services = Vec::new();
    for name in group {
        // Somebody may have removed it since.
        let Some(definition) = defined.get(name) else { continue };
        services.push(Service::new(context, workspace, name.parse()?, definition.clone()));
    }
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        let starts: Vec<_> = services
            .iter()
            .map(|service| {
                let tell = tell.clone();
                scope.spawn(move || start_one(service, &tell))
            })
            .collect();
        drop(tell);
        told.into_iter().for_each(|(name, now)| progress(name, now));
        starts.into_iter().map(|start| start.join().expect("a start doesn't panic")).collect()
    })
}

fn start_one(service: &Service, tell: &mpsc::Sender<(String, Progress)>) -> Result<ServiceUp, Error> {
    let (name, mut warnings) = (service.instance_name(), Vec::new());
    let mut progress = |now| {
        // Whoever listens does so until the last start is over.
        let _ = tell.send((name.clone(), now));
    };
    let started = service.start(&mut progress, &mut |warning| warnings.push(warning))?;
    let (pid, already_running) = (started.identity.pid.get(), started.already_running);
    Ok(ServiceUp { name, pid, already_running, is_changed: false, warnings })
}
