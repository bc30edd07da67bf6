//! Keeps one child: does what the machine decides, and tells it what has become of that.
//!
//! A start and a stop run on threads that may block; orders that come meanwhile wait for them, and a start that nobody
//! wants any more is broken off.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use hiro_process::{Identity, State as ProcessState, get_status, start_instance_while, stop_process};
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::child::Child;
use super::end::Ended;
use super::machine::{Action, Event, GaveUp, State, next};
use super::order::{Asked, Order};
use super::pauses::{delay, flood, last_moment, silence};
use super::watch::watch;
use crate::Error;
use crate::error::with_causes;
use crate::server::{ChildOrder, LastCrash, Offence, Supervision};

/// What a wait has come to.
enum Awaited {
    /// Something has happened; nothing: the keeper is to end.
    Event(Option<Event>),
    /// The child's stderr log had to be cut.
    LogCut,
    /// The child has had time to show that it does what it is there for.
    SilenceOver,
}

/// The keeper of one child.
pub(super) struct Keeper {
    child: Arc<dyn Child>,
    supervision: Supervision,
    orders: mpsc::Receiver<Order>,
    stop: CancellationToken,
    state: State,
    process: Option<Identity>,
    ended: Option<oneshot::Receiver<Ended>>,
    /// When it was started, until it was looked at once.
    silence_from: Option<Instant>,
    last_crash: Option<LastCrash>,
    /// An order that came while something else was going on.
    next_order: Option<Order>,
    asked: Option<Asked>,
}

impl Keeper {
    pub(super) fn new(
        child: Arc<dyn Child>,
        supervision: Supervision,
        orders: mpsc::Receiver<Order>,
        stop: CancellationToken,
    ) -> Self {
        Self {
            child,
            supervision,
            orders,
            stop,
            state: State::default(),
            process: None,
            ended: None,
            silence_from: None,
            last_crash: None,
            next_order: None,
            asked: None,
        }
    }

    /// Does what it is told until `stop` is cancelled. What runs then goes on running.
    pub(super) async fn keep(mut self) {
        while let Some(event) = self.wait().await {
            let mut happened = Some(event);
            while let Some(event) = happened.take() {
                for action in self.decide(event) {
                    happened = self.act(action).await.or(happened);
                }
            }
            if let Some(asked) = self.asked.take() {
                asked.settle(self.state.life, self.process, self.last_crash.as_ref());
            }
        }
    }

    fn decide(&mut self, event: Event) -> Vec<Action> {
        let state = std::mem::take(&mut self.state);
        let (state, actions) = next(state, &self.child.rules(), event, Instant::now());
        self.state = state;
        actions
    }

    /// The next thing that happens by itself or by order. What is only to be noted is none.
    async fn wait(&mut self) -> Option<Event> {
        loop {
            let offence = match self.wait_once().await {
                Awaited::Event(event) => return event,
                Awaited::LogCut => Offence::StderrFlood,
                Awaited::SilenceOver => {
                    self.silence_from = None;
                    if self.child.is_heard() {
                        continue;
                    }
                    Offence::Silent
                }
            };
            tracing::warn!(name = self.child.name(), %offence, "a child misbehaves");
            self.supervision.offended_as(self.child.name(), offence);
        }
    }

    async fn wait_once(&mut self) -> Awaited {
        if self.stop.is_cancelled() {
            return Awaited::Event(None);
        }
        if let Some(order) = self.next_order.take() {
            return Awaited::Event(Some(self.take(order)));
        }
        let (life, stop) = (self.state.life, self.stop.clone());
        tokio::select! {
            () = stop.cancelled() => Awaited::Event(None),
            order = self.orders.recv() => Awaited::Event(order.map(|order| self.take(order))),
            () = delay(life) => Awaited::Event(Some(Event::DelayOver)),
            ended = end(&mut self.ended) => Awaited::Event(Some(self.note_end(ended))),
            () = flood(life, &self.child) => Awaited::LogCut,
            () = silence(self.silence_from, &self.child) => Awaited::SilenceOver,
        }
    }

    fn take(&mut self, order: Order) -> Event {
        if let Some(child) = order.child {
            self.child = child;
        }
        self.supervision.ordered(self.child.name());
        self.asked = order.answer.map(|answer| Asked::new(order.what, answer, self.process));
        match order.what {
            ChildOrder::Start => Event::StartOrdered,
            ChildOrder::Stop => Event::StopOrdered,
            ChildOrder::Restart => Event::RestartOrdered,
        }
    }

    async fn act(&mut self, action: Action) -> Option<Event> {
        match action {
            Action::Start => return Some(self.start().await),
            Action::Stop => return Some(self.end().await),
            Action::TellStarted => self.tell_started(),
            Action::TellStopped => {
                tracing::info!(name = self.child.name(), "child stopped");
                self.supervision.stopped(self.child.name());
            }
            Action::TellCrashed { again_in } => {
                let crash = self.last_crash.clone().unwrap_or_default();
                tracing::error!(name = self.child.name(), crash = %crash.reason, ?again_in, "a child has crashed");
                self.supervision.crashed(self.child.name(), crash, again_in);
            }
            Action::TellGaveUp(why) => {
                let reason = self.why(why);
                tracing::error!(name = self.child.name(), %reason, "a child is given up on");
                self.supervision.gave_up(self.child.name(), reason);
            }
        }
        None
    }

    fn why(&self, gave_up: GaveUp) -> String {
        let last = self.last_crash.as_ref().map(|crash| crash.reason.as_str()).unwrap_or_default();
        match gave_up {
            GaveUp::CrashLoop { crashes, within } => {
                format!("{crashes} crashes within {} s, the last one: {last}", within.as_secs_f64())
            }
            GaveUp::Hopeless => format!("it can't be started: {last}"),
        }
    }

    fn tell_started(&self) {
        let pid = self.process.map_or(0, |process| process.pid.get());
        tracing::info!(name = self.child.name(), pid, "child started");
        self.supervision.started(self.child.name(), pid);
    }

    /// Starts the child; orders that come meanwhile are carried out next, and one that is not to start breaks it off.
    async fn start(&mut self) -> Event {
        let (is_wanted, stop) = (Arc::new(AtomicBool::new(true)), self.stop.clone());
        let (child, wanted) = (self.child.clone(), is_wanted.clone());
        let mut starting = spawn_blocking(move || start_now(&*child, &|| wanted.load(Ordering::Acquire)));
        let started = loop {
            tokio::select! {
                started = &mut starting => break started.expect("a start doesn't panic"),
                Some(order) = self.orders.recv(), if self.next_order.is_none() => {
                    is_wanted.store(order.what == ChildOrder::Start, Ordering::Release);
                    self.next_order = Some(order);
                }
                // While the server ends there is nobody to wait for it for long.
                () = last_moment(&stop), if is_wanted.load(Ordering::Acquire) => {
                    is_wanted.store(false, Ordering::Release);
                }
            }
        };
        match started.and_then(|process| {
            let told = watch(self.child.instance().clone(), process);
            Ok((process, told.map_err(|source| Error::NoRuntime { source })?))
        }) {
            Ok((process, ended)) => {
                self.process = Some(process);
                self.ended = Some(ended);
                self.silence_from = Some(Instant::now());
                Event::Started
            }
            // Whoever broke it off knows.
            Err(_) if !is_wanted.load(Ordering::Acquire) => self.note_end(Ended::by_others()),
            Err(error) => self.note_end(Ended::start_failed(&error)),
        }
    }

    async fn end(&mut self) -> Event {
        self.ended = None;
        self.silence_from = None;
        let child = self.child.clone();
        let stopped = spawn_blocking(move || {
            child.ask_to_end();
            stop_process(child.instance(), &child.stop_options())
        });
        match stopped.await.expect("a stop doesn't panic") {
            Ok(_) => {
                self.process = None;
                Event::Stopped
            }
            Err(error) => {
                tracing::error!(name = self.child.name(), %error, "can't stop a child");
                self.last_crash = Some(LastCrash::now(with_causes(&error), Vec::new()));
                Event::StopFailed
            }
        }
    }

    fn note_end(&mut self, ended: Ended) -> Event {
        self.ended = None;
        self.silence_from = None;
        self.process = None;
        self.last_crash = ended.crash.or(self.last_crash.take());
        Event::Ended { end: ended.end, jitter: jitter() }
    }
}

fn start_now(child: &dyn Child, is_wanted: &dyn Fn() -> bool) -> Result<Identity, Error> {
    let launch = child.launch()?;
    let started =
        start_instance_while(child.instance(), &launch, &child.start_options(), is_wanted, &mut |_| {})?;
    if let Err(error) = child.wait_until_ready(&started, is_wanted) {
        // What it has left says more if it has ended by itself.
        if !matches!(get_status(child.instance()), ProcessState::Crashed(_)) {
            stop_process(child.instance(), &child.stop_options())?;
        }
        return Err(error);
    }
    Ok(started.identity)
}

async fn end(ended: &mut Option<oneshot::Receiver<Ended>>) -> Ended {
    match ended {
        Some(told) => told.await.unwrap_or_else(|_| Ended::in_doubt("nobody watches it any more")),
        None => pending().await,
    }
}

/// From 0 up to 1. Where the system gives no random numbers there is none: children then come back together.
pub(crate) fn jitter() -> f64 {
    let mut bytes = [0; 2];
    let _ = getrandom::fill(&mut bytes);
    f64::from(u16::from_le_bytes(bytes)) / f64::from(u16::MAX)
}
