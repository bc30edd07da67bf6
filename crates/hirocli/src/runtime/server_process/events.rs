//! What the server process has to react to: requests to stop, by whatever way they come, to restart, and about children.
//!
//! However many orders about children wait, they take no place from what ends the process.

use std::thread;

use hiro_process::{StopRequest, StopRequests};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::server::{ChildRefusal, ChildRequest, ControlRequest};

/// So many orders about children wait while this process is busy; further ones are refused.
const ORDERS: usize = 64;

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

/// What has come, in two queues.
#[derive(Debug)]
pub(super) struct Events {
    ends: mpsc::Receiver<Event>,
    orders: mpsc::Receiver<ChildRequest>,
}

impl Events {
    /// The next thing to react to, before all others what ends this process; `None` where nothing can come any more.
    pub(super) async fn next(&mut self) -> Option<Event> {
        tokio::select! {
            biased;
            end = self.ends.recv() => end,
            Some(order) = self.orders.recv() => Some(Event::Child(order)),
        }
    }
}

/// Gathers what comes by signal and what comes through the HTTP API.
pub(super) fn gather(requests: StopRequests, mut control: mpsc::Receiver<ControlRequest>) -> Events {
    let (events, ends) = mpsc::channel(4);
    let (children, orders) = mpsc::channel(ORDERS);
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
                ControlRequest::Child(request) => pass_on(&children, request),
            }
        }
    });
    Events { ends, orders }
}

/// Nobody is waited for here: a request to stop may be behind.
fn pass_on(children: &mpsc::Sender<ChildRequest>, request: ChildRequest) {
    if let Err(TrySendError::Full(request)) = children.try_send(request) {
        // Whoever asked may have left.
        let _ = request.answer.send(Err(ChildRefusal::TooMany));
    }
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

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::server::ChildOrder;

    #[tokio::test]
    async fn an_order_too_many_is_refused_with_a_reason_and_the_others_wait() {
        let (children, mut orders) = mpsc::channel(2);
        let mut answers = Vec::new();
        for _ in 0..3 {
            let (answer, outcome) = oneshot::channel();
            pass_on(&children, ChildRequest { instance: "x".to_owned(), order: ChildOrder::Stop, answer });
            answers.push(outcome);
        }
        assert_eq!(answers.pop().unwrap().await, Ok(Err(ChildRefusal::TooMany)));
        assert!(answers.iter_mut().all(|waiting| waiting.try_recv().is_err()));
        assert!(orders.recv().await.is_some() && orders.recv().await.is_some());
    }

    #[tokio::test]
    async fn what_ends_the_process_comes_before_orders() {
        let ((events, ends), (children, orders)) = (mpsc::channel(1), mpsc::channel(1));
        let mut gathered = Events { ends, orders };
        let (answer, _outcome) = oneshot::channel();
        pass_on(&children, ChildRequest { instance: "x".to_owned(), order: ChildOrder::Stop, answer });
        events.try_send(Event::Restart).unwrap();
        assert!(matches!(gathered.next().await, Some(Event::Restart)));
        assert!(matches!(gathered.next().await, Some(Event::Child(_))));
    }
}
