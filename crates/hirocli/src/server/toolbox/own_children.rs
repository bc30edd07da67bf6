//! Orders about plugins from within the server: its own are its children, those of another workspace another server's.

use tokio::runtime::Handle;

use super::Call;
use crate::Error;
use crate::server::orders;
use crate::server::{ChildOrder, ChildOutcome};
use crate::tools::channels::{OverHttp, Overseer};
use crate::workspace::WorkspaceEntry;

impl Overseer for Call<'_> {
    /// To be called on a thread of the runtime that may block.
    fn order(
        &self,
        workspace: &WorkspaceEntry,
        child: &str,
        order: ChildOrder,
    ) -> Result<Option<ChildOutcome>, Error> {
        if workspace.id != self.own.id {
            return OverHttp.order(workspace, child, order);
        }
        let failed = |reason: orders::NotCarriedOut| Error::OrderFailed {
            child: child.to_owned(),
            verb: order.verb(),
            detail: reason.to_string(),
        };
        Handle::current().block_on(orders::give(self.control, child, order)).map(Some).map_err(failed)
    }
}
