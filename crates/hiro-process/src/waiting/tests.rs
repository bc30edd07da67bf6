//! The table of `judge`, and what holds for every look.

use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};

use super::{Announced, Duration, Exit, Look, Phase, StartFailureCause, Verdict, judge};
use crate::identity::{Identity, StartTime};
use crate::pid::Pid;

const NOTHING_YET: Look = Look {
    announced: None,
    spawned_exit: None,
    something_lives: true,
    overdue: false,
    wanted: true,
    dead_for: None,
};

fn announced(phase: Phase, lives: bool) -> Option<Announced> {
    let identity = Identity { pid: Pid::try_from(7).unwrap(), start_time: StartTime(1) };
    Some(Announced { identity, phase, confirmed: phase == Phase::Ready, lives })
}

#[test]
fn only_a_live_process_that_says_so_is_ready() {
    assert!(matches!(
        judge(&Look { announced: announced(Phase::Ready, true), ..NOTHING_YET }),
        Verdict::Ready(_)
    ));
    for look in [
        NOTHING_YET,
        Look { announced: announced(Phase::Starting, true), ..NOTHING_YET },
        Look { announced: announced(Phase::Stopping, true), ..NOTHING_YET },
    ] {
        assert_eq!(judge(&look), Verdict::Wait);
    }
}

#[test]
fn a_launcher_may_exit_with_zero_and_leave_its_child_but_not_fail() {
    let gone = |code| Look { spawned_exit: Some(Exit::Code(code)), ..NOTHING_YET };
    assert_eq!(judge(&gone(0)), Verdict::Wait);
    assert_eq!(judge(&gone(3)), Verdict::Failed(StartFailureCause::Ended(Some(Exit::Code(3)))));
    let nothing_left = Look { something_lives: false, ..gone(0) };
    assert_eq!(judge(&nothing_left), Verdict::Failed(StartFailureCause::Ended(Some(Exit::Code(0)))));
}

#[test]
fn a_dead_worker_waits_for_its_launchers_word_and_no_longer() {
    let dead = |dead_for| Look { announced: announced(Phase::Ready, false), dead_for, ..NOTHING_YET };
    assert_eq!(judge(&dead(Some(Duration::ZERO))), Verdict::Wait);
    assert_eq!(
        judge(&dead(Some(Duration::from_millis(60)))),
        Verdict::Failed(StartFailureCause::Ended(None))
    );
}

#[test]
fn the_deadline_ends_every_wait() {
    for announced in [None, announced(Phase::Starting, true)] {
        let look = Look { announced, overdue: true, ..NOTHING_YET };
        assert_eq!(judge(&look), Verdict::Failed(StartFailureCause::Deadline));
    }
}

fn any_look() -> impl Strategy<Value = Look> {
    let phase = prop_oneof![Just(Phase::Starting), Just(Phase::Ready), Just(Phase::Stopping)];
    let announcement =
        proptest::option::of((phase, any::<[bool; 2]>()).prop_map(|(phase, [confirmed, lives])| Announced {
            confirmed,
            ..announced(phase, lives).unwrap()
        }));
    let exit = proptest::option::of(prop_oneof![(0..4).prop_map(Exit::Code), (1..16).prop_map(Exit::Signal)]);
    let dead_for = proptest::option::of((0..100u64).prop_map(Duration::from_millis));
    (announcement, exit, dead_for, any::<[bool; 2]>()).prop_map(
        |(announced, spawned_exit, dead_for, [something_lives, overdue])| Look {
            announced,
            spawned_exit,
            something_lives,
            overdue,
            wanted: true,
            dead_for,
        },
    )
}

proptest! {
    #[test]
    fn ready_is_said_only_of_a_live_process_that_the_witnesses_confirm(look in any_look()) {
        if let Verdict::Ready(identity) = judge(&look) {
            let seen = look.announced.unwrap();
            assert!(seen.confirmed && seen.lives && seen.identity == identity);
        }
    }

    #[test]
    fn nobody_waits_beyond_the_deadline_but_for_a_launchers_word(look in any_look()) {
        if judge(&look) == Verdict::Wait && look.overdue {
            assert!(look.announced.is_some_and(|seen| !seen.lives) && look.spawned_exit.is_none());
        }
    }

    #[test]
    fn a_failed_launcher_is_never_waited_for(look in any_look()) {
        if look.spawned_exit.is_some_and(|exit| !exit.is_success()) {
            assert_ne!(judge(&look), Verdict::Wait);
        }
    }
}
