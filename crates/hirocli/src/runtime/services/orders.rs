//! What somebody wants of a service through the server's HTTP API: carried out as the command line would.

use crate::Error;
use crate::context::Context;
use crate::error::with_causes;
use crate::server::{ChildOrder, ChildOutcome, ChildRefusal, ChildRequest};
use crate::services::ServiceError;
use crate::tools::services;
use crate::workspace::WorkspaceEntry;

/// Carries out orders about the services of one workspace.
#[derive(Debug, Clone)]
pub struct Orders {
    context: Context,
    workspace: WorkspaceEntry,
}

impl Orders {
    /// For the services of `workspace`.
    #[must_use]
    pub fn new(context: &Context, workspace: &WorkspaceEntry) -> Self {
        Self { context: context.clone(), workspace: workspace.clone() }
    }

    /// Whether a request is about a service.
    #[must_use]
    pub fn concern(&self, request: &ChildRequest) -> bool {
        self.name_in(&request.instance).is_some()
    }

    /// Carries it out and answers. It takes as long as the service does: to be called on a thread that may block.
    pub fn carry_out(&self, request: ChildRequest) {
        let outcome = match self.name_in(&request.instance) {
            Some(name) => self.obey(name, request.order).map_err(refusal),
            None => Err(ChildRefusal::Unknown),
        };
        // Whoever asked may have left.
        let _ = request.answer.send(outcome);
    }

    fn name_in<'a>(&self, instance: &'a str) -> Option<&'a str> {
        instance.strip_prefix("service:")?.strip_prefix(self.workspace.name.as_str())?.strip_prefix('/')
    }

    fn obey(&self, name: &str, order: ChildOrder) -> Result<ChildOutcome, Error> {
        let (context, workspace) = (&self.context, &self.workspace);
        Ok(match order {
            ChildOrder::Start => {
                let started = services::start(context, workspace, name, &mut |_| {})?;
                let was_pid = started.already_running.then_some(started.pid);
                ChildOutcome { pid: Some(started.pid), was_pid }
            }
            ChildOrder::Stop => ChildOutcome { pid: None, was_pid: services::stop(workspace, name)?.pid },
            ChildOrder::Restart => {
                let restarted = services::restart(context, workspace, name, &mut |_| {})?;
                ChildOutcome { pid: Some(restarted.now.pid), was_pid: restarted.before.pid }
            }
        })
    }
}

fn refusal(error: Error) -> ChildRefusal {
    match error {
        Error::Service(ServiceError::Unknown { .. }) => ChildRefusal::Unknown,
        other => ChildRefusal::Failed(with_causes(&other)),
    }
}
