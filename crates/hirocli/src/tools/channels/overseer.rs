//! Who carries out what is to become of a plugin: the server of its workspace, if that runs.
//!
//! From outside that is asked over its HTTP API. The server itself has a shorter way to the same supervision.

use crate::Error;
use crate::server::{ChildOrder, ChildOutcome};
use crate::tools::api::Api;
use crate::workspace::WorkspaceEntry;

/// Carries out orders about the children of the server of a workspace.
pub trait Overseer {
    /// Has an order carried out, and waits for that; `None` where the server does not run.
    ///
    /// # Errors
    /// The server can't be reached, or refuses with a reason.
    fn order(
        &self,
        workspace: &WorkspaceEntry,
        child: &str,
        order: ChildOrder,
    ) -> Result<Option<ChildOutcome>, Error>;
}

/// The server, over its HTTP API.
#[derive(Debug, Clone, Copy)]
pub struct OverHttp;

impl Overseer for OverHttp {
    fn order(
        &self,
        workspace: &WorkspaceEntry,
        child: &str,
        order: ChildOrder,
    ) -> Result<Option<ChildOutcome>, Error> {
        Api::of_running(workspace)?.map(|api| api.order(child, order)).transpose()
    }
}
