//! The children of this process that nobody waits for any more.
//!
//! A program that lives long, a server say, would collect a zombie for every child that ends after its start was
//! confirmed. Each is kept here and collected whenever this crate is asked something: nothing runs in the background.
//! How a started child ended is remembered, because only its parent ever learns it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::control_lock::ControlLock;
use crate::exit_report::{self, Exit};
use crate::identity::Identity;
use crate::instance::Instance;
use crate::launch_context::LaunchContext;
use crate::record::Record;
use crate::sys;

/// So many ends are remembered for a parent that asks late.
const REMEMBERED: usize = 256;

static CHILDREN: Mutex<Vec<Adopted>> = Mutex::new(Vec::new());
static ENDS: Mutex<VecDeque<End>> = Mutex::new(VecDeque::new());

/// A confirmed start: whose child it was.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) instance: Instance,
    pub(crate) context: LaunchContext,
    /// The process that does the work: the child itself, or what a launcher has started.
    pub(crate) worker: Identity,
}

#[derive(Debug)]
struct Adopted {
    child: sys::Child,
    run: Option<Run>,
}

#[derive(Debug)]
struct End {
    run: Run,
    exit: Exit,
}

/// Takes over a child whose owner has stopped caring.
pub(crate) fn adopt(child: sys::Child) {
    lock(&CHILDREN).push(Adopted { child, run: None });
}

/// Takes over the child of a confirmed start.
pub(crate) fn adopt_run(child: sys::Child, run: Run) {
    lock(&CHILDREN).push(Adopted { child, run: Some(run) });
}

/// Collects those that have ended.
pub(crate) fn reap() {
    let mut children = lock(&CHILDREN);
    if children.is_empty() || !sys::child_has_ended() {
        return;
    }
    children.retain_mut(|adopted| match adopted.child.try_wait() {
        Ok(None) => true,
        Ok(Some(exit)) => {
            remember(adopted.run.take(), exit);
            false
        }
        Err(_) => false,
    });
}

fn remember(run: Option<Run>, exit: Exit) {
    let Some(run) = run else { return };
    let mut ends = lock(&ENDS);
    if ends.len() >= REMEMBERED {
        ends.pop_front();
    }
    ends.push_back(End { run, exit });
}

/// How the process of a start by this very program ended, where it has and was collected.
pub(crate) fn how_ended(worker: &Identity) -> Option<Exit> {
    lock(&ENDS).iter().find(|end| end.run.worker == *worker).map(|end| end.exit)
}

/// Whether `worker` was started by this program, and what was spawned for it has not been collected yet.
pub(crate) fn is_awaited(worker: &Identity) -> bool {
    lock(&CHILDREN).iter().any(|adopted| adopted.run.as_ref().is_some_and(|run| run.worker == *worker))
}

/// Leaves a report of the end beside the PID file, so that others learn it too. Not while a command is at work on the
/// instance: that is about to clear what is left, and a report would look like a crash of its own.
pub(crate) fn report(worker: &Identity) {
    let ends = lock(&ENDS);
    let Some(end) = ends.iter().find(|end| end.run.worker == *worker) else { return };
    let Run { instance, context, .. } = &end.run;
    let Ok(_control) = ControlLock::acquire(instance, Duration::ZERO) else { return };
    if Record::read(instance).is_some_and(|record| record.launch_id.as_ref() == Some(&context.id)) {
        // A report that can't be written is missed by others alone.
        let _ = exit_report::report_now(context, Some(worker.pid), Some(end.exit)).write(instance);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
