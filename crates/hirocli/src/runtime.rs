//! What runs in the background: the server process of a workspace, its channel plugins, and the shim.

pub mod logging;
pub mod plugin_process;
pub mod plugins;
pub mod server_process;
pub mod shim;
pub mod supervision;

use tokio::runtime::Runtime;

use crate::Error;

pub(crate) fn start_runtime() -> Result<Runtime, Error> {
    Runtime::new().map_err(|source| Error::NoRuntime { source })
}
