//! Ctrl-Break, which the server's shim gets from a stop, and Ctrl-C.

use std::io;

use tokio::signal::windows::{ctrl_break, ctrl_c};

/// Waits for either of them.
pub(crate) async fn wait() -> io::Result<()> {
    let (mut break_key, mut interrupt) = (ctrl_break()?, ctrl_c()?);
    tokio::select! {
        _ = break_key.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
