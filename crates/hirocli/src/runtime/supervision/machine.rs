//! What to do with one child next: a pure function of its state, what has happened, and the time.
//!
//! It starts and stops nothing and knows no process; the keeper does what it says.

use std::time::{Duration, Instant};

use super::rules::{RestartPolicy, Rules};

/// All that matters of a child's past.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// What goes on.
    pub life: Life,
    /// Crashes since the last proven run or order.
    failures: u32,
    /// When they were, as far as the breaker still counts them.
    recent: Vec<Instant>,
}

/// What goes on with a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// Nothing: nobody wants it, or its rules say that it has ended for good.
    Resting,
    /// It is being started.
    Starting,
    /// It does its job.
    Running {
        /// Since when.
        since: Instant,
    },
    /// It has crashed and is started again then.
    Waiting {
        /// When.
        until: Instant,
    },
    /// It is being stopped.
    Stopping {
        /// It is to be started at once afterwards.
        then_start: bool,
    },
    /// It has crashed too often, or can't be started at all.
    GivenUp,
}

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    /// Somebody wants it to run.
    StartOrdered,
    /// Somebody wants it not to run.
    StopOrdered,
    /// Somebody wants it to run anew.
    RestartOrdered,
    /// It is ready.
    Started,
    /// It has ended, or its start has failed.
    Ended {
        /// How.
        end: End,
        /// From 0 up to 1, for the delay of the restart.
        jitter: f64,
    },
    /// It has been stopped, and nothing of it is left.
    Stopped,
    /// It could not be stopped.
    StopFailed,
    /// The time to wait is over.
    DelayOver,
}

/// How a child has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By itself, with exit code 0.
    InOrder,
    /// In any other way.
    Crash,
    /// Its command is missing: a second try would end the same way.
    Hopeless,
    /// Somebody else has stopped it.
    ByOthers,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Start it.
    Start,
    /// Stop it, and clear what a crash has left.
    Stop,
    /// Tell that it is ready.
    TellStarted,
    /// Tell that it has been stopped.
    TellStopped,
    /// Tell that it has crashed.
    TellCrashed {
        /// When it is started again.
        again_in: Option<Duration>,
    },
    /// Tell that it will not be started again.
    TellGaveUp(GaveUp),
}

/// Why a child is given up on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GaveUp {
    /// It crashed so many times within the time.
    CrashLoop {
        /// So many.
        crashes: u32,
        /// Within this time.
        within: Duration,
    },
    /// It can't be started at all.
    Hopeless,
}

impl Default for State {
    fn default() -> Self {
        Self { life: Life::Resting, failures: 0, recent: Vec::new() }
    }
}

impl State {
    fn fresh(life: Life) -> Self {
        Self { life, ..Self::default() }
    }

    fn to(self, life: Life) -> Self {
        Self { life, ..self }
    }
}

/// The next state and what is to be done. What does not fit the state changes nothing.
#[must_use]
pub fn next(state: State, rules: &Rules, event: Event, now: Instant) -> (State, Vec<Action>) {
    let is_up = matches!(state.life, Life::Starting | Life::Running { .. });
    match (state.life, event) {
        (
            Life::Resting | Life::GivenUp | Life::Waiting { .. },
            Event::StartOrdered | Event::RestartOrdered,
        ) => (State::fresh(Life::Starting), vec![Action::Start]),
        (_, Event::StopOrdered) => (State::fresh(Life::Stopping { then_start: false }), vec![Action::Stop]),
        (_, Event::RestartOrdered) => (State::fresh(Life::Stopping { then_start: true }), vec![Action::Stop]),
        (Life::Starting, Event::Started) => {
            (state.to(Life::Running { since: now }), vec![Action::TellStarted])
        }
        (_, Event::Ended { end, jitter }) if is_up => ended(state, rules, end, jitter, now),
        (Life::Waiting { .. }, Event::DelayOver) => (state.to(Life::Starting), vec![Action::Start]),
        (Life::Stopping { then_start: false }, Event::Stopped) => {
            (state.to(Life::Resting), vec![Action::TellStopped])
        }
        (Life::Stopping { then_start: true }, Event::Stopped) => {
            (state.to(Life::Starting), vec![Action::TellStopped, Action::Start])
        }
        (Life::Stopping { .. }, Event::StopFailed) => (state.to(Life::Resting), Vec::new()),
        _ => (state, Vec::new()),
    }
}

fn ended(state: State, rules: &Rules, end: End, jitter: f64, now: Instant) -> (State, Vec<Action>) {
    match (end, rules.policy) {
        (End::ByOthers, _) => (state.to(Life::Resting), vec![Action::TellStopped]),
        (End::Hopeless, _) => {
            let told = vec![Action::TellCrashed { again_in: None }, Action::TellGaveUp(GaveUp::Hopeless)];
            (state.to(Life::GivenUp), told)
        }
        // What it has left looks like a crash until it is cleared.
        (End::InOrder, RestartPolicy::OnFailure | RestartPolicy::Never) => {
            (state.to(Life::Stopping { then_start: false }), vec![Action::Stop])
        }
        (End::Crash, RestartPolicy::Never) => {
            (state.to(Life::Resting), vec![Action::TellCrashed { again_in: None }])
        }
        (End::InOrder | End::Crash, _) => crashed(state, rules, jitter, now),
    }
}

fn crashed(state: State, rules: &Rules, jitter: f64, now: Instant) -> (State, Vec<Action>) {
    let is_proven =
        matches!(state.life, Life::Running { since } if now.duration_since(since) >= rules.proven_after);
    let (failures, mut recent) = if is_proven { (0, Vec::new()) } else { (state.failures, state.recent) };
    recent.retain(|at| now.duration_since(*at) < rules.within);
    recent.push(now);
    let failures = failures.saturating_add(1);
    if recent.len() >= rules.crashes as usize {
        let why = GaveUp::CrashLoop { crashes: rules.crashes, within: rules.within };
        let told = vec![Action::TellCrashed { again_in: None }, Action::TellGaveUp(why)];
        return (State { life: Life::GivenUp, failures, recent }, told);
    }
    let delay = rules.delay(failures, jitter);
    let life = Life::Waiting { until: now + delay };
    (State { life, failures, recent }, vec![Action::TellCrashed { again_in: Some(delay) }])
}

#[cfg(test)]
mod tests;
