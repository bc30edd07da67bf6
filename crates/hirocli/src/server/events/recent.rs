//! The events that are kept: the last ones, as many as fit.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Event;

/// So many events are kept.
pub(super) const MAX_EVENTS: usize = 1024;

/// They take no more memory than this, the last one excepted.
const MAX_BYTES: usize = 2 << 20;

/// An event that was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Which of the events of this server it is.
    pub number: u64,
    /// `message` or `process`.
    pub kind: &'static str,
    /// What happened, as JSON in one line.
    pub data: String,
}

#[derive(Debug, Default)]
pub(super) struct Recent {
    kept: VecDeque<Arc<Told>>,
    bytes: usize,
    /// How many were told.
    count: u64,
}

impl Recent {
    /// Keeps an event, forgets the oldest where there is no room, and returns the number of the new one.
    pub(super) fn keep(&mut self, event: Event) -> u64 {
        self.count += 1;
        let (kind, data) = match &event {
            Event::Message(message) => ("message", serde_json::to_string(message)),
            Event::Process(process) => ("process", serde_json::to_string(process)),
        };
        let data = data.expect("what happens has text keys only");
        self.bytes += data.len();
        self.kept.push_back(Arc::new(Told { number: self.count, kind, data }));
        while self.kept.len() > MAX_EVENTS || (self.bytes > MAX_BYTES && self.kept.len() > 1) {
            self.bytes -= self.kept.pop_front().map_or(0, |oldest| oldest.data.len());
        }
        self.count
    }

    /// The number of the oldest event that is kept, or else of the next one.
    pub(super) fn first_number(&self) -> u64 {
        self.kept.front().map_or(self.count + 1, |oldest| oldest.number)
    }

    pub(super) fn next_number(&self) -> u64 {
        self.count + 1
    }

    pub(super) fn get(&self, number: u64) -> Option<Arc<Told>> {
        let index = number.checked_sub(self.first_number())?;
        self.kept.get(usize::try_from(index).ok()?).cloned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    #[test]
    fn large_events_push_out_others_but_the_last_one_is_always_there() {
        let mut recent = Recent::default();
        let large = "x".repeat(MAX_BYTES);
        for text in ["small", &large, "small again"] {
            recent.keep(Event::Message(Map::from_iter([("text".to_owned(), text.into())])));
        }
        assert_eq!((recent.first_number(), recent.next_number()), (3, 4));
        assert!(recent.get(2).is_none() && recent.get(3).is_some() && recent.get(4).is_none());
    }
}
