//! Which messages the server takes on: an acknowledged one has been handed to whoever answers it, so that no restart loses
//! it.
//!
//! What people say while the agent is still on its way waits for it, without a word; what they say when the server is about
//! to end is not taken, and they may say it again.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hiro_protocol::unified_message::UnifiedMessage;

/// As many messages wait for the agent; later ones are not taken.
const CAPACITY: usize = 256;

/// A message, and the plugin that brought it.
pub(super) type Brought = (String, UnifiedMessage);

/// The messages that wait, and whether any more are taken.
#[derive(Debug, Default)]
pub(super) struct Intake {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    is_closed: bool,
    waiting: VecDeque<Brought>,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is handed over now.
    HandedOver,
    /// It waits for the agent.
    Waits,
    /// It is not taken.
    Refused,
}

impl Intake {
    /// Takes a message: hands it over, unless the agent is only expected, as `is_there` tells.
    pub(super) fn take(
        &self,
        brought: Brought,
        is_there: impl Fn() -> bool,
        hand_over: impl Fn(Brought),
    ) -> Fate {
        let mut state = self.lock();
        let fate = fate(state.is_closed, is_there(), state.waiting.len());
        match fate {
            // Under the lock: the end must not come between the acknowledgement and the agent.
            Fate::HandedOver => hand_over(brought),
            Fate::Waits => state.waiting.push_back(brought),
            Fate::Refused => {}
        }
        fate
    }

    /// Hands over what has waited for the agent, which is there now.
    pub(super) fn release(&self, hand_over: impl Fn(Brought)) {
        self.lock().waiting.drain(..).for_each(hand_over);
    }

    /// Takes nothing any more. How many still waited: nobody was told that they were received.
    pub(super) fn close(&self) -> usize {
        let mut state = self.lock();
        state.is_closed = true;
        std::mem::take(&mut state.waiting).len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fate(is_closed: bool, agent_is_there: bool, waiting: usize) -> Fate {
    match (is_closed, agent_is_there) {
        (true, _) => Fate::Refused,
        (false, true) => Fate::HandedOver,
        (false, false) if waiting < CAPACITY => Fate::Waits,
        (false, false) => Fate::Refused,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn what_waits_is_handed_over_once_in_order_and_nothing_after_the_end() {
        let (intake, handed) = (Intake::default(), RefCell::new(Vec::new()));
        let said = |text| ("devices".to_owned(), UnifiedMessage::text("devices", "mobile-1", text));
        let hand_over = |(_, message): Brought| {
            handed.borrow_mut().push(message.first_text().unwrap_or_default().to_owned());
        };
        assert_eq!(intake.take(said("one"), || false, hand_over), Fate::Waits);
        assert_eq!(intake.take(said("two"), || false, hand_over), Fate::Waits);
        intake.release(hand_over);
        assert_eq!(intake.take(said("three"), || true, hand_over), Fate::HandedOver);
        assert_eq!(intake.take(said("four"), || false, hand_over), Fate::Waits);
        assert_eq!(intake.close(), 1);
        assert_eq!(intake.take(said("five"), || true, hand_over), Fate::Refused);
        assert_eq!(*handed.borrow(), ["one", "two", "three"]);
    }

    #[test]
    fn no_more_than_so_many_wait() {
        assert_eq!(fate(false, false, CAPACITY), Fate::Refused);
    }
}
