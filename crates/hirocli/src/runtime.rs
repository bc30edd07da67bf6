//! What runs in the background: the server process of a workspace, its channel plugins, the watch over its
//! services, and the shim.

pub mod logging;
pub mod plugin_process;
pub mod plugins;
pub mod server_process;
pub mod services;
pub mod shim;
pub mod supervision;

use tokio::runtime::{Builder, Runtime};

use crate::Error;

/// One person's server has little to do at a time: more threads than these would only take memory, a heap each.
const WORKERS: usize = 2;

pub(crate) fn start_runtime() -> Result<Runtime, Error> {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(WORKERS).enable_all().build().map_err(|source| Error::NoRuntime { source })
}
