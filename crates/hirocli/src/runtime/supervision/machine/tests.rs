//! What is decided about a child, in sequences of what happens to it.

use std::time::{Duration, Instant};

use super::{Action, End, Event, GaveUp, Life, RestartPolicy, Rules, State, next};

const SECOND: Duration = Duration::from_secs(1);

/// A child on a clock that only the test moves.
struct Story {
    state: State,
    rules: Rules,
    now: Instant,
}

impl Story {
    fn of(rules: Rules) -> Self {
        let mut story = Self { state: State::default(), rules, now: Instant::now() };
        assert_eq!(story.then(Event::StartOrdered), [Action::Start]);
        story
    }

    fn then(&mut self, event: Event) -> Vec<Action> {
        let (state, actions) = next(self.state.clone(), &self.rules, event, self.now);
        self.state = state;
        actions
    }

    fn starts(&mut self) {
        assert_eq!(self.then(Event::Started), [Action::TellStarted]);
    }

    fn ends(&mut self, end: End) -> Vec<Action> {
        self.then(Event::Ended { end, jitter: 0.0 })
    }

    /// Crashes, and is started again when it is time; how long that was.
    fn crashes_and_waits(&mut self) -> Duration {
        let actions = self.ends(End::Crash);
        let [Action::TellCrashed { again_in: Some(delay) }] = actions[..] else { panic!("{actions:?}") };
        self.now += delay;
        assert_eq!(self.then(Event::DelayOver), [Action::Start]);
        delay
    }
}

fn usual() -> Rules {
    Rules::default()
}

#[test]
fn a_crash_loop_is_waited_out_longer_each_time_and_then_given_up_on() {
    let mut story = Story::of(usual());
    let delays: Vec<u64> = (0..4)
        .map(|_| {
            story.starts();
            story.crashes_and_waits().as_secs()
        })
        .collect();
    assert_eq!(delays, [1, 2, 4, 8]);
    story.starts();
    let why = GaveUp::CrashLoop { crashes: 5, within: Duration::from_secs(60) };
    assert_eq!(story.ends(End::Crash), [Action::TellCrashed { again_in: None }, Action::TellGaveUp(why)]);
    assert_eq!(story.state.life, Life::GivenUp);
    assert_eq!(story.then(Event::DelayOver), []);
}

#[test]
fn a_start_that_fails_is_a_crash_like_any_other() {
    let mut story = Story::of(usual());
    assert_eq!(story.crashes_and_waits(), SECOND);
    assert_eq!(story.crashes_and_waits(), 2 * SECOND);
}

#[test]
fn a_missing_command_is_given_up_on_at_once() {
    let mut story = Story::of(usual());
    let told = [Action::TellCrashed { again_in: None }, Action::TellGaveUp(GaveUp::Hopeless)];
    assert_eq!(story.ends(End::Hopeless), told);
}

#[test]
fn a_proven_run_makes_good_for_the_crashes_before_it() {
    let mut story = Story::of(usual());
    for _ in 0..20 {
        story.starts();
        story.now += usual().proven_after;
        assert_eq!(story.crashes_and_waits(), SECOND);
    }
}

#[test]
fn crashes_that_are_long_ago_do_not_count_for_the_breaker_but_for_the_delay() {
    let rules = Rules { proven_after: Duration::from_secs(1000), ..usual() };
    let mut story = Story::of(rules);
    for expected in [1, 2, 4, 8, 16, 32, 60, 60] {
        story.starts();
        story.now += Duration::from_secs(61);
        assert_eq!(story.crashes_and_waits().as_secs(), expected);
    }
}

#[test]
fn an_order_to_start_ends_the_wait_and_forgets_the_past() {
    let mut story = Story::of(usual());
    for _ in 0..3 {
        story.crashes_and_waits();
    }
    story.ends(End::Crash);
    assert_eq!(story.then(Event::StartOrdered), [Action::Start]);
    assert_eq!(story.crashes_and_waits(), SECOND);
    let mut given_up = Story::of(usual());
    given_up.ends(End::Hopeless);
    assert_eq!(given_up.then(Event::RestartOrdered), [Action::Start]);
}

#[test]
fn what_was_stopped_stays_so_whatever_its_policy() {
    for policy in [RestartPolicy::Never, RestartPolicy::OnFailure, RestartPolicy::Always] {
        let mut story = Story::of(Rules { policy, ..usual() });
        story.starts();
        assert_eq!(story.then(Event::StopOrdered), [Action::Stop]);
        assert_eq!(story.ends(End::Crash), [], "its end is what was wanted");
        assert_eq!(story.then(Event::Stopped), [Action::TellStopped]);
        assert_eq!(story.state.life, Life::Resting);
        let mut elsewhere = Story::of(Rules { policy, ..usual() });
        elsewhere.starts();
        assert_eq!(elsewhere.ends(End::ByOthers), [Action::TellStopped]);
        assert_eq!(elsewhere.state.life, Life::Resting);
    }
}

#[test]
fn a_restart_is_a_stop_and_then_a_start() {
    let mut story = Story::of(usual());
    story.starts();
    assert_eq!(story.then(Event::RestartOrdered), [Action::Stop]);
    assert_eq!(story.then(Event::Stopped), [Action::TellStopped, Action::Start]);
    story.starts();
}

#[test]
fn each_policy_decides_about_an_end_in_order_and_about_a_crash() {
    let again = vec![Action::TellCrashed { again_in: Some(SECOND) }];
    let crash_only = vec![Action::TellCrashed { again_in: None }];
    let table = [
        (RestartPolicy::Never, vec![Action::Stop], crash_only),
        (RestartPolicy::OnFailure, vec![Action::Stop], again.clone()),
        (RestartPolicy::Always, again.clone(), again),
    ];
    for (policy, in_order, crash) in table {
        let mut story = Story::of(Rules { policy, ..usual() });
        story.starts();
        assert_eq!(story.ends(End::InOrder), in_order, "{policy:?}");
        let mut story = Story::of(Rules { policy, ..usual() });
        story.starts();
        assert_eq!(story.ends(End::Crash), crash, "{policy:?}");
    }
}

#[test]
fn a_stop_that_fails_leaves_it_alone() {
    let mut story = Story::of(usual());
    story.starts();
    story.then(Event::StopOrdered);
    assert_eq!(story.then(Event::StopFailed), []);
    assert_eq!(story.state.life, Life::Resting);
}
