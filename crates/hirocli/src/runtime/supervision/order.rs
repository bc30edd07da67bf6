//! An order for one child, and the answer to whoever gave it.

use std::sync::Arc;

use hiro_process::Identity;
use tokio::sync::oneshot;

use super::child::Child;
use super::machine::Life;
use crate::server::{ChildOrder, ChildOutcome, ChildRefusal, LastCrash};

/// Where the outcome of an order goes.
pub(super) type Answer = oneshot::Sender<Result<ChildOutcome, ChildRefusal>>;

/// An order for one child.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) what: ChildOrder,
    /// The child as it is configured now, where that was found.
    pub(super) child: Option<Arc<dyn Child>>,
    pub(super) answer: Option<Answer>,
}

/// Who waits for the outcome of an order, and what ran when it came.
pub(super) struct Asked {
    what: ChildOrder,
    answer: Answer,
    was_pid: Option<u32>,
}

impl Asked {
    pub(super) fn new(what: ChildOrder, answer: Answer, process: Option<Identity>) -> Self {
        Self { what, answer, was_pid: process.map(|process| process.pid.get()) }
    }

    /// Answers once nothing more happens because of the order: `life` is what goes on now, in `process`.
    pub(super) fn settle(self, life: Life, process: Option<Identity>, last_crash: Option<&LastCrash>) {
        let Self { what, answer, was_pid } = self;
        let pid = process.map(|process| process.pid.get());
        let outcome = match (what, life) {
            (ChildOrder::Stop, Life::Resting) if pid.is_none() => Ok(ChildOutcome { pid: None, was_pid }),
            (ChildOrder::Start | ChildOrder::Restart, Life::Running { .. }) => {
                Ok(ChildOutcome { pid, was_pid })
            }
            _ => {
                let overtaken = || "another order has overtaken it".to_owned();
                let reason = last_crash.map_or_else(overtaken, |crash| crash.reason.clone());
                Err(ChildRefusal::Failed(reason))
            }
        };
        // Whoever asked may have left.
        let _ = answer.send(outcome);
    }
}
