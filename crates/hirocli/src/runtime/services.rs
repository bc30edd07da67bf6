//! The services of a running server's workspace: watched whoever has started them, and started again after a crash by
//! their restart policy.
//!
//! Only a crash is acted on: a PID file without its process. What was stopped stays so, and what a command is just doing to
//! a service is left to it: every restart is decided on again under the service's control lock.

mod ends;
mod guard;
mod logs;
mod orders;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hiro_process::{Crash, Exit, Started, State, clear_crash, get_status};
use tokio::task::{JoinSet, block_in_place, spawn_blocking};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::supervision::machine::{Action, End, GaveUp};
use super::supervision::{Ended, RestartPolicy as Policy, Rules, jitter};
use crate::Error;
use crate::context::Context;
use crate::error::with_causes;
use crate::server::{LastCrash, Offence, Supervision};
use crate::services::{RestartPolicy, Service, ServiceError, store};
use crate::workspace::WorkspaceEntry;
use ends::Ends;
use guard::{Guard, Seen};

pub use orders::Orders;

/// No event tells that somebody else has started a service.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long another command may take before a crash in order is left as it is until the next look.
const TURN: Duration = Duration::from_secs(1);

/// Watches the services of one workspace.
#[derive(Debug)]
pub struct Watch {
    context: Context,
    workspace: WorkspaceEntry,
    supervision: Supervision,
    guards: HashMap<String, Guarded>,
    ends: Ends,
    starts: JoinSet<(String, Result<Option<Started>, Error>)>,
    /// Why the definitions could not be read at the last look.
    trouble: Option<String>,
}

/// A service and what is remembered of it.
#[derive(Debug)]
struct Guarded {
    service: Service,
    guard: Guard,
    last_crash: LastCrash,
}

/// What one look at a service gives.
struct Look {
    service: Service,
    state: State,
    is_flooding: bool,
}

impl Watch {
    /// Watches the services of `workspace` from when it is run.
    #[must_use]
    pub fn new(context: &Context, workspace: &WorkspaceEntry, supervision: Supervision) -> Self {
        Self {
            context: context.clone(),
            workspace: workspace.clone(),
            supervision,
            guards: HashMap::new(),
            ends: Ends::default(),
            starts: JoinSet::new(),
            trouble: None,
        }
    }

    /// Watches until `stop` is cancelled. What runs then goes on running.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                Some(started) = self.starts.join_next() => {
                    let (name, outcome) = started.expect("a start doesn't panic");
                    self.note_start(&name, outcome);
                }
                () = self.ends.next() => self.look().await,
                () = sleep(LOOK_EVERY) => self.look().await,
            }
        }
    }

    async fn look(&mut self) {
        let (context, workspace) = (self.context.clone(), self.workspace.clone());
        let looked = spawn_blocking(move || look(&context, &workspace)).await.expect("a look doesn't panic");
        let trouble = looked.as_ref().err().map(|error| with_causes(error));
        if let (Some(trouble), true) = (&trouble, trouble != self.trouble) {
            tracing::error!(%trouble, "the services can't be watched");
        }
        self.trouble = trouble;
        let Ok(found) = looked else { return };
        self.guards.retain(|name, _| found.iter().any(|look| look.service.name().as_str() == name));
        for Look { service, state, is_flooding } in found {
            if is_flooding {
                let called = service.instance_name();
                tracing::warn!(name = %called, "a service has flooded a log, which was cut");
                self.supervision.offended_as(&called, Offence::StderrFlood);
            }
            self.note_look(service, &state);
        }
    }

    /// Before anything is told about a process somebody waits for its end.
    fn await_end(&mut self, service: &Service, state: &State) {
        if let (Some(run), Ok(instance)) = (state.run(), service.instance()) {
            self.ends.wait_for(service.name().as_str(), &instance, run.identity);
        }
    }

    fn note_look(&mut self, service: Service, state: &State) {
        let (name, rules) = (service.name().as_str().to_owned(), rules(&service));
        self.await_end(&service, state);
        if matches!(state, State::Crashed(_)) && self.ends.are_awaited(&name) {
            // Whoever waits is about to tell how it ended.
            return;
        }
        let guarded = self.guards.entry(name.clone()).or_insert_with(|| Guarded {
            service: service.clone(),
            guard: Guard::default(),
            last_crash: LastCrash::default(),
        });
        guarded.service = service;
        if let State::Crashed(crash) = state {
            guarded.last_crash = LastCrash::now(crash.to_string(), crash.stderr.clone());
        }
        let actions = guarded.guard.see(seen(state), &rules, jitter(), Instant::now());
        self.act(&name, &actions);
    }

    fn note_start(&mut self, name: &str, outcome: Result<Option<Started>, Error>) {
        let Some(guarded) = self.guards.get_mut(name) else { return };
        let (rules, now) = (rules(&guarded.service), Instant::now());
        let actions = match outcome {
            Ok(started) => guarded.guard.started(started.map(|it| it.identity), &rules, now),
            Err(error) => {
                let Ended { end, crash } = Ended::start_failed(&plain(error));
                guarded.last_crash = crash.unwrap_or_default();
                guarded.guard.start_failed(end, &rules, jitter(), now)
            }
        };
        self.act(name, &actions);
    }

    fn act(&mut self, name: &str, actions: &[Action]) {
        let Some(guarded) = self.guards.get_mut(name) else { return };
        let called = guarded.service.instance_name();
        for action in actions {
            match action {
                Action::Start => {
                    let (service, name) = (guarded.service.clone(), name.to_owned());
                    self.starts.spawn_blocking(move || (name, service.revive()));
                }
                Action::Stop => {
                    block_in_place(|| clear(&guarded.service));
                    guarded.guard.cleared();
                    tracing::info!(name = %called, "service has ended in order");
                    self.supervision.stopped(&called);
                }
                Action::TellStarted => {
                    let pid = guarded.guard.process().map_or(0, |process| process.pid.get());
                    tracing::info!(name = %called, pid, "service runs");
                    self.supervision.started(&called, pid);
                }
                Action::TellStopped => {
                    tracing::info!(name = %called, "service stopped");
                    self.supervision.stopped(&called);
                }
                Action::TellCrashed { again_in } => {
                    let crash = guarded.last_crash.clone();
                    tracing::error!(name = %called, crash = %crash.reason, ?again_in, "a service has crashed");
                    self.supervision.crashed(&called, crash, *again_in);
                }
                Action::TellGaveUp(why) => {
                    let reason = reason(*why, &guarded.last_crash);
                    tracing::error!(name = %called, %reason, "a service is given up on");
                    self.supervision.gave_up(&called, reason);
                }
            }
        }
    }
}

/// The services, and how their processes are. Whether one does its job does not matter here.
fn look(context: &Context, workspace: &WorkspaceEntry) -> Result<Vec<Look>, Error> {
    let one = |(name, definition): (String, _)| {
        let service = Service::new(context, workspace, name.parse()?, definition);
        let state = get_status(&service.instance()?);
        let is_flooding = state.run().is_some() && logs::cut(&service);
        Ok(Look { service, state, is_flooding })
    };
    store::load(&workspace.path)?.into_iter().map(one).collect()
}

fn seen(state: &State) -> Seen {
    match state {
        State::Stopped => Seen::Stopped,
        State::Starting(run) | State::Ready(run) => Seen::Running(run.identity),
        State::Crashed(crash) => Seen::Crashed(end_of(crash)),
        // Somebody is just stopping it, or nothing can be said: the next look tells more.
        _ => Seen::InBetween,
    }
}

/// What is not known to have ended in order counts as a crash.
fn end_of(crash: &Crash) -> End {
    if crash.exit.is_some_and(Exit::is_success) { End::InOrder } else { End::Crash }
}

fn rules(service: &Service) -> Rules {
    let policy = match service.definition().restart {
        RestartPolicy::Never => Policy::Never,
        RestartPolicy::OnFailure => Policy::OnFailure,
        RestartPolicy::Always => Policy::Always,
    };
    Rules { policy, ..Rules::default() }
}

/// What a service has left that has ended in order looks like a crash until it is cleared. What lives is not touched.
fn clear(service: &Service) {
    let cleared = service.instance().map(|instance| clear_crash(&instance, TURN));
    if let Ok(Err(error)) = cleared {
        tracing::warn!(name = %service.instance_name(), %error, "what a service has left stays");
    }
}

/// The failed start itself; that it was a service's goes without saying.
fn plain(error: Error) -> Error {
    match error {
        Error::Service(ServiceError::NotStarted { source, .. }) => Error::Process(source),
        other => other,
    }
}

fn reason(why: GaveUp, last: &LastCrash) -> String {
    match why {
        GaveUp::CrashLoop { crashes, within } => {
            format!("{crashes} crashes within {} s, the last one: {}", within.as_secs_f64(), last.reason)
        }
        GaveUp::Hopeless => format!("it can't be started: {}", last.reason),
    }
}
