//! Waits for the end of one process on a thread of its own: by event, and with one thread per process that runs.
//!
//! A child that restarts itself goes on as its successor, and is followed.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use hiro_process::{Identity, Instance, ProcessWatch, State, get_status};
use tokio::sync::oneshot;

use super::end::Ended;

/// It calls few functions, and there may be hundreds of them.
const STACK_BYTES: usize = 256 * 1024;

/// The wait is for the event; this only bounds one call.
const ONE_WAIT: Duration = Duration::from_secs(3600);

/// How long a child may be between two processes: a successor that starts, a stop that clears up.
const BETWEEN: Duration = Duration::from_secs(60);
const BETWEEN_POLL: Duration = Duration::from_millis(5);

/// Tells the end of the child in `instance`, whose process is `process` now.
pub(super) fn watch(instance: Instance, process: Identity) -> io::Result<oneshot::Receiver<Ended>> {
    on_a_thread(move || end_of(&instance, process))
}

/// Tells that the process has ended, whosever child it is: a status knows from then on how, if that can be known.
pub(in crate::runtime) fn tell_end(watch: ProcessWatch) -> io::Result<oneshot::Receiver<()>> {
    on_a_thread(move || {
        // Where it can't be waited for a look has to do.
        while let Ok(false) = watch.wait_for_end(ONE_WAIT) {}
    })
}

fn on_a_thread<T: Send + 'static>(
    wait: impl FnOnce() -> T + Send + 'static,
) -> io::Result<oneshot::Receiver<T>> {
    let (tell, told) = oneshot::channel();
    thread::Builder::new().name("child".to_owned()).stack_size(STACK_BYTES).spawn(move || {
        // Whoever waited may have left.
        let _ = tell.send(wait());
    })?;
    Ok(told)
}

fn end_of(instance: &Instance, mut process: Identity) -> Ended {
    loop {
        let waited = ProcessWatch::open(instance, &process).and_then(|watch| watch.wait_for_end(ONE_WAIT));
        match waited {
            Ok(true) => {}
            Ok(false) => continue,
            Err(error) => return Ended::in_doubt(&error.to_string()),
        }
        match after(instance, process) {
            Ok(successor) => process = successor,
            Err(ended) => return ended,
        }
    }
}

/// What follows the end of `process`: another one of the same instance, or nothing.
fn after(instance: &Instance, process: Identity) -> Result<Identity, Ended> {
    let deadline = Instant::now() + BETWEEN;
    loop {
        match get_status(instance) {
            State::Crashed(crash) => return Err(Ended::with(&crash)),
            State::Stopped => return Err(Ended::by_others()),
            State::Ready(run) if run.identity != process => return Ok(run.identity),
            State::Unverifiable(doubt) if Instant::now() >= deadline => {
                return Err(Ended::in_doubt(&doubt.reason));
            }
            _ if Instant::now() >= deadline => return Err(Ended::in_doubt("it is neither here nor gone")),
            _ => thread::sleep(BETWEEN_POLL),
        }
    }
}
