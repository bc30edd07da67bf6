//! One service: started, looked at and stopped. Whoever does it, a command or the server, does it here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hiro_process::{
    Instance, Progress, Run, StartOptions, Started, State, StopOptions, Stopped, get_status_when,
    restart_instance_when, revive_instance, start_instance_when, stop_process,
};
use hirogateway::InstanceName;
use hirogateway::report::Kind;

use super::probe::Probe;
use super::{Definition, ServiceError, Services};
use crate::Error;
use crate::context::Context;
use crate::workspace::WorkspaceEntry;

/// A service of a workspace.
#[derive(Debug, Clone)]
pub struct Service {
    workspace: WorkspaceEntry,
    name: InstanceName,
    definition: Definition,
    services: Services,
    program: PathBuf,
}

impl Service {
    /// The service `name` of `workspace`, as it is defined now.
    #[must_use]
    pub fn new(
        context: &Context,
        workspace: &WorkspaceEntry,
        name: InstanceName,
        definition: Definition,
    ) -> Self {
        let services = Services::of(&workspace.path);
        Self { workspace: workspace.clone(), name, definition, services, program: context.program.clone() }
    }

    /// Its name within the workspace.
    #[must_use]
    pub fn name(&self) -> &InstanceName {
        &self.name
    }

    /// What it is.
    #[must_use]
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    /// How statuses call it: `service:<workspace>/<name>`.
    #[must_use]
    pub fn instance_name(&self) -> String {
        Kind::Service.instance_name(&format!("{}/{}", self.workspace.name, self.name))
    }

    pub(super) fn workspace(&self) -> &WorkspaceEntry {
        &self.workspace
    }

    pub(super) fn place(&self) -> &Services {
        &self.services
    }

    pub(super) fn shim(&self) -> &Path {
        &self.program
    }

    /// Its instance.
    ///
    /// # Errors
    /// The workspace's folder is relative, and the current folder can't be read.
    pub fn instance(&self) -> Result<Instance, Error> {
        self.services.instance(&self.name)
    }

    /// How it is: ready only where its readiness holds now.
    ///
    /// # Errors
    /// Those of [`Service::instance`].
    pub fn look(&self) -> Result<State, Error> {
        let probe = self.probe();
        Ok(get_status_when(&self.instance()?, &|run: &Run| probe.holds(run)))
    }

    /// Starts it and waits until it is ready, or finds it ready. What the user should know is told to `warn`.
    ///
    /// # Errors
    /// Its port is somebody else's (the error names the holder; nothing is spawned), or it does not become ready: the
    /// error has all that was seen.
    pub fn start(
        &self,
        progress: &mut dyn FnMut(Progress),
        warn: &mut dyn FnMut(String),
    ) -> Result<Started, Error> {
        let (instance, probe, prepared) = (self.instance()?, self.probe(), self.prepare()?);
        prepared.warnings.into_iter().for_each(warn);
        let serves = |run: &Run| probe.holds(run);
        let started = start_instance_when(&instance, &prepared.launch, &self.patience(), &serves, progress);
        started.map_err(|source| self.not_started(source))
    }

    /// Stops it, if it runs, and starts it, with no other command in between.
    ///
    /// # Errors
    /// Those of [`Service::start`] and [`Services::stop`]. What it can't be started with is found before it is stopped.
    pub fn restart(
        &self,
        progress: &mut dyn FnMut(Progress),
        warn: &mut dyn FnMut(String),
    ) -> Result<(Stopped, Started), Error> {
        let (instance, probe, prepared) = (self.instance()?, self.probe(), self.prepare()?);
        prepared.warnings.into_iter().for_each(warn);
        let serves = |run: &Run| probe.holds(run);
        let started = restart_instance_when(&instance, &prepared.launch, &self.patience(), &serves, progress);
        started.map_err(|source| self.not_started(source))
    }

    /// Starts it if it has crashed, and not if it was stopped, or started by somebody else meanwhile.
    ///
    /// # Errors
    /// Those of [`Service::start`].
    pub fn revive(&self) -> Result<Option<Started>, Error> {
        let (instance, probe, prepared) = (self.instance()?, self.probe(), self.prepare()?);
        let serves = |run: &Run| probe.holds(run);
        let started = revive_instance(&instance, &prepared.launch, &self.patience(), &serves, &mut |_| {});
        started.map_err(|source| self.not_started(source))
    }

    /// Where it writes its stderr and its stdout.
    #[must_use]
    pub fn logs(&self) -> [PathBuf; 2] {
        [self.services.stderr_log(&self.name), self.services.stdout_log(&self.name)]
    }

    fn probe(&self) -> Probe<'_> {
        Probe::new(&self.definition.ready, self.logs())
    }

    fn patience(&self) -> StartOptions {
        StartOptions { deadline: self.definition.ready_timeout, grace: self.definition.stop_grace }
    }

    fn not_started(&self, source: hiro_process::Error) -> Error {
        let (name, ready) = (self.name.as_str().to_owned(), self.definition.ready.to_string());
        ServiceError::NotStarted { name, ready, source }.into()
    }
}

impl Services {
    /// Stops the service `name`, whatever its state, with all that it has started. No definition is needed for it.
    ///
    /// # Errors
    /// The witnesses disagree about what runs, or something can't be ended.
    pub fn stop(&self, name: &InstanceName, grace: Duration) -> Result<Stopped, Error> {
        let options = StopOptions { grace, ..StopOptions::default() };
        let stopped = stop_process(&self.instance(name)?, &options);
        stopped.map_err(|source| ServiceError::NotStopped { name: name.as_str().to_owned(), source }.into())
    }
}
