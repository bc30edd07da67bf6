//! What the server process has to react to: requests to stop, by whatever way they come, and to restart.

use std::thread;

use hiro_process::{StopRequest, StopRequests};
use tokio::sync::mpsc;

use crate::server::{ChildRequest, ControlRequest};

/// Something to react to.
#[derive(Debug)]
pub(super) enum Event {
    /// This process shall end.
    Stop(StopRequest),
    /// This process shall end and another one begin.
    Restart,
    /// Something shall happen to a child.
    Child(ChildRequest),
}

/// Gathers what comes by signal and what comes through the HTTP API.
pub(super) fn gather(
    requests: StopRequests,
    mut control: mpsc::Receiver<ControlRequest>,
) -> mpsc::Receiver<Event> {
    let (events, gathered) = mpsc::channel(4);
    forward_stop(requests.clone(), events.clone());
    tokio::spawn(async move {
        while let Some(request) = control.recv().await {
            match request {
                // The same way as a signal, so that a restart that is under way sees it too.
                ControlRequest::Shutdown => {
                    if let Err(error) = requests.request() {
                        tracing::error!(%error, "can't end as told");
                    }
                }
                ControlRequest::Restart { .. } => {
                    // Where the queue is full there is an event that ends this process, too.
                    let _ = events.try_send(Event::Restart);
                }
                ControlRequest::Child(request) => {
                    let _ = events.try_send(Event::Child(request));
                }
            }
        }
    });
    gathered
}

/// Waits on a thread of its own, which ends with the process: the wait is no asynchronous one.
fn forward_stop(requests: StopRequests, events: mpsc::Sender<Event>) {
    thread::spawn(move || match requests.wait() {
        Ok(request) => {
            let _ = events.blocking_send(Event::Stop(request));
        }
        Err(error) => tracing::error!(%error, "can't hear requests to stop"),
    });
}
