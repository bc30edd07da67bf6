//! Takes everything down that was started from these data folders, also what crashes have left.

use hiro_process::StopOptions;
use hirogateway::registry::InstanceEntry;
use hirogateway::report::Kind;
use serde::Serialize;

use crate::Error;
use crate::context::Context;
use crate::tools::server;
use crate::tools::services::{self, ServiceStopped};
use crate::workspace::{WorkspaceEntry, registry};

/// What became of the league.
#[derive(Debug, Default)]
pub struct Down {
    /// Nothing is left of these, whether they ran or not.
    pub stopped: Vec<StoppedInstance>,
    /// What could not be stopped, and why.
    pub failures: Vec<Error>,
}

/// An instance of which nothing is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoppedInstance {
    /// Its name: `server:default`.
    pub name: String,
    /// The process that was stopped, where one was running.
    pub pid: Option<u32>,
    /// The process had to be killed.
    pub killed: bool,
    /// What was cleared up after a crash.
    pub crash: Option<String>,
}

/// Stops the services and servers of all workspaces with their channels, then all gateways: the reverse of how they come
/// up. One that can't be stopped does not keep the others.
#[must_use]
pub fn down(context: &Context) -> Down {
    let mut down = Down::default();
    match registry::load(&context.data) {
        Ok(registry) => registry.workspaces.values().for_each(|entry| down.note_workspace(entry)),
        Err(error) => down.failures.push(error),
    }
    match context.gateways.list() {
        Ok(entries) => entries.iter().for_each(|entry| down.note(stop_gateway(context, entry))),
        Err(error) => down.failures.push(error.into()),
    }
    down
}

impl Down {
    fn note_workspace(&mut self, workspace: &WorkspaceEntry) {
        services::take_down(workspace)
            .into_iter()
            .for_each(|service| self.note(service.map(StoppedInstance::from)));
        self.note(stop_server(workspace));
    }

    fn note(&mut self, outcome: Result<StoppedInstance, Error>) {
        match outcome {
            Ok(stopped) => self.stopped.push(stopped),
            Err(error) => self.failures.push(error),
        }
    }
}

impl From<ServiceStopped> for StoppedInstance {
    fn from(stopped: ServiceStopped) -> Self {
        let ServiceStopped { name, pid, killed, crash } = stopped;
        Self { name, pid, killed, crash }
    }
}

fn stop_server(workspace: &WorkspaceEntry) -> Result<StoppedInstance, Error> {
    let stopped = server::stop(workspace)?;
    Ok(StoppedInstance {
        name: Kind::Server.instance_name(&stopped.workspace),
        pid: stopped.pid,
        killed: stopped.killed,
        crash: stopped.crash,
    })
}

fn stop_gateway(context: &Context, gateway: &InstanceEntry) -> Result<StoppedInstance, Error> {
    let stopped = context.gateways.stop_instance(Some(&gateway.name), &StopOptions::default())?;
    Ok(StoppedInstance {
        name: Kind::Gateway.instance_name(&stopped.instance_name),
        pid: stopped.pid,
        killed: stopped.killed,
        crash: stopped.cleared,
    })
}
