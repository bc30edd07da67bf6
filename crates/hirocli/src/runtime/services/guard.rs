//! What is remembered of one service, and what is to be done by what was seen of it. Pure: the decisions are those of the
//! supervision's machine, fed with what others do to the service, too.

use std::time::Instant;

use hiro_process::Identity;

use crate::runtime::supervision::machine::{Action, End, Event, Life, State, next};
use crate::runtime::supervision::{RestartPolicy, Rules};

/// What one look gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Seen {
    Running(Identity),
    Crashed(End),
    Stopped,
    /// A command is at work, or nothing certain can be said.
    InBetween,
}

/// One service's past.
#[derive(Debug, Default)]
pub(super) struct Guard {
    state: State,
    process: Option<Identity>,
}

impl Guard {
    pub(super) fn process(&self) -> Option<Identity> {
        self.process
    }

    /// What follows from a look.
    pub(super) fn see(&mut self, seen: Seen, rules: &Rules, jitter: f64, now: Instant) -> Vec<Action> {
        if self.state.life == Life::Starting {
            // Whoever starts it tells what comes of that.
            return Vec::new();
        }
        match seen {
            Seen::Running(process) if self.process == Some(process) => Vec::new(),
            Seen::Running(process) => self.runs(process, rules, now),
            Seen::Crashed(end) => self.crashed(end, rules, jitter, now),
            Seen::Stopped => self.stopped(),
            Seen::InBetween => Vec::new(),
        }
    }

    /// A start by this server is over: it runs, or somebody else has done something else with it meanwhile.
    pub(super) fn started(&mut self, process: Option<Identity>, rules: &Rules, now: Instant) -> Vec<Action> {
        self.process = process;
        match process {
            Some(_) => self.decide(Event::Started, rules, now),
            None => {
                self.state = State::default();
                Vec::new()
            }
        }
    }

    pub(super) fn start_failed(&mut self, end: End, rules: &Rules, jitter: f64, now: Instant) -> Vec<Action> {
        self.decide(Event::Ended { end, jitter }, rules, now)
    }

    /// What it has left is cleared: nobody wants it to run.
    pub(super) fn cleared(&mut self) {
        *self = Self::default();
    }

    /// Somebody has started it: whatever was before is forgotten.
    fn runs(&mut self, process: Identity, rules: &Rules, now: Instant) -> Vec<Action> {
        *self = Self { state: State::default(), process: Some(process) };
        self.adopt(rules, now);
        self.decide(Event::Started, rules, now)
    }

    fn crashed(&mut self, end: End, rules: &Rules, jitter: f64, now: Instant) -> Vec<Action> {
        match self.state.life {
            Life::Waiting { until } if now >= until => self.decide(Event::DelayOver, rules, now),
            Life::Waiting { .. } | Life::GivenUp => Vec::new(),
            // It has been told about, or happened before anybody watched: nobody wants anything done about it.
            Life::Resting if rules.policy == RestartPolicy::Never => Vec::new(),
            _ => {
                self.process = None;
                // It may have crashed before anybody watched it.
                self.adopt(rules, now);
                self.decide(Event::Ended { end, jitter }, rules, now)
            }
        }
    }

    fn stopped(&mut self) -> Vec<Action> {
        let was_there = self.state.life != Life::Resting;
        *self = Self::default();
        if was_there { vec![Action::TellStopped] } else { Vec::new() }
    }

    /// Somebody else has begun to start it: nothing is to be done for that.
    fn adopt(&mut self, rules: &Rules, now: Instant) {
        if self.state.life == Life::Resting {
            self.decide(Event::StartOrdered, rules, now);
        }
    }

    fn decide(&mut self, event: Event, rules: &Rules, now: Instant) -> Vec<Action> {
        let (state, actions) = next(std::mem::take(&mut self.state), rules, event, now);
        self.state = state;
        actions
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::runtime::supervision::machine::GaveUp;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    struct Story {
        guard: Guard,
        rules: Rules,
        now: Instant,
    }

    impl Story {
        fn of(policy: RestartPolicy) -> Self {
            let rules = Rules { policy, ..Rules::default() };
            Self { guard: Guard::default(), rules, now: Instant::now() }
        }

        fn sees(&mut self, seen: Seen) -> Vec<Action> {
            self.guard.see(seen, &self.rules, 0.0, self.now)
        }

        fn crashes(&mut self) -> Vec<Action> {
            self.sees(Seen::Crashed(End::Crash))
        }

        fn is_revived(&mut self) -> Vec<Action> {
            self.guard.started(Some(this()), &self.rules, self.now)
        }
    }

    fn this() -> Identity {
        Identity::current().unwrap()
    }

    const AGAIN: [Action; 1] = [Action::TellCrashed { again_in: Some(SECOND) }];

    #[test]
    fn a_crash_is_followed_by_a_start_after_the_delay_and_not_before() {
        let mut story = Story::of(RestartPolicy::Always);
        assert_eq!(story.sees(Seen::Running(this())), [Action::TellStarted]);
        assert_eq!(story.sees(Seen::Running(this())), []);
        assert_eq!(story.crashes(), AGAIN);
        assert_eq!(story.crashes(), []);
        story.now += SECOND;
        assert_eq!(story.crashes(), [Action::Start]);
        assert_eq!(story.sees(Seen::Running(this())), [], "whoever starts it tells");
        assert_eq!(story.is_revived(), [Action::TellStarted]);
        assert_eq!(story.sees(Seen::Running(this())), []);
    }

    #[test]
    fn what_had_crashed_before_anybody_watched_is_started_too() {
        let mut story = Story::of(RestartPolicy::OnFailure);
        assert_eq!(story.crashes(), AGAIN);
    }

    #[test]
    fn a_stop_ends_every_plan_and_a_stopped_service_is_left_alone() {
        let mut story = Story::of(RestartPolicy::Always);
        assert_eq!(story.sees(Seen::Stopped), []);
        story.crashes();
        assert_eq!(story.sees(Seen::Stopped), [Action::TellStopped]);
        story.now += 60 * SECOND;
        assert_eq!(story.sees(Seen::Stopped), []);
        // It was stopped while it was being started again.
        story.crashes();
        story.now += SECOND;
        assert_eq!(story.crashes(), [Action::Start]);
        assert_eq!(story.guard.started(None, &story.rules, story.now), []);
        assert_eq!(story.sees(Seen::Stopped), []);
    }

    #[test]
    fn a_crash_loop_is_given_up_on_until_somebody_starts_the_service() {
        let mut story = Story::of(RestartPolicy::Always);
        for _ in 0..4 {
            story.crashes();
            story.now += 10 * SECOND;
            assert_eq!(story.crashes(), [Action::Start]);
            story.is_revived();
        }
        let told = story.crashes();
        assert!(matches!(told[1], Action::TellGaveUp(GaveUp::CrashLoop { .. })), "{told:?}");
        story.now += 600 * SECOND;
        assert_eq!(story.crashes(), []);
        assert_eq!(story.sees(Seen::Running(this())), [Action::TellStarted]);
        assert_eq!(story.crashes(), AGAIN);
    }

    #[test]
    fn a_crash_that_nobody_wants_anything_done_about_is_told_once() {
        let mut story = Story::of(RestartPolicy::Never);
        assert_eq!(story.crashes(), []);
        story.sees(Seen::Running(this()));
        assert_eq!(story.crashes(), [Action::TellCrashed { again_in: None }]);
        assert_eq!(story.crashes(), []);
    }

    #[test]
    fn an_end_in_order_is_cleared_unless_the_policy_is_always() {
        let in_order = Seen::Crashed(End::InOrder);
        let mut story = Story::of(RestartPolicy::OnFailure);
        story.sees(Seen::Running(this()));
        assert_eq!(story.sees(in_order), [Action::Stop]);
        story.guard.cleared();
        assert_eq!(story.sees(Seen::Stopped), []);
        let mut story = Story::of(RestartPolicy::Always);
        story.sees(Seen::Running(this()));
        assert_eq!(story.sees(in_order), AGAIN);
    }

    #[test]
    fn a_start_that_fails_is_waited_out_longer_and_a_missing_command_is_given_up_on() {
        let mut story = Story::of(RestartPolicy::Always);
        story.crashes();
        story.now += SECOND;
        story.crashes();
        let again = [Action::TellCrashed { again_in: Some(2 * SECOND) }];
        assert_eq!(story.guard.start_failed(End::Crash, &story.rules, 0.0, story.now), again);
        story.now += 2 * SECOND;
        assert_eq!(story.crashes(), [Action::Start]);
        let told = story.guard.start_failed(End::Hopeless, &story.rules, 0.0, story.now);
        assert_eq!(told[1], Action::TellGaveUp(GaveUp::Hopeless));
    }
}
