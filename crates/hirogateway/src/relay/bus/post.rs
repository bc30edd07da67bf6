//! The way from the relay to the bus: a queue that never makes anybody wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::super::counters::{Count, Counters};
use super::letter::{Letter, NodeId};

/// Letters that wait for the bus.
const ROOM: usize = 16_384;

/// For whom a letter is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::relay) enum Address {
    /// Every other node.
    Everyone,
    One(NodeId),
}

/// A letter that waits for the bus.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::relay) struct Post {
    pub(in crate::relay) to: Address,
    pub(in crate::relay) letter: Letter,
    pub(in crate::relay) body: Option<Utf8Bytes>,
}

/// Where letters are handed in.
#[derive(Debug, Clone)]
pub(in crate::relay) struct Bus {
    queue: mpsc::Sender<Post>,
    counters: Arc<Counters>,
    /// Set when a letter was lost that others rely on: they have to be told everything anew.
    pub(super) owes_a_hello: Arc<AtomicBool>,
}

/// The two ends.
pub(in crate::relay) fn channel(counters: &Arc<Counters>) -> (Bus, mpsc::Receiver<Post>) {
    let (queue, letters) = mpsc::channel(ROOM);
    (Bus { queue, counters: Arc::clone(counters), owes_a_hello: Arc::default() }, letters)
}

impl Bus {
    pub(in crate::relay) fn tell(&self, to: Address, letter: Letter) {
        if self.queue.try_send(Post { to, letter, body: None }).is_err() {
            self.owes_a_hello.store(true, Ordering::Release);
        }
    }

    /// A frame for which there is no room is lost.
    pub(in crate::relay) fn pass_on(&self, to: Address, target: Option<String>, frame: &Utf8Bytes) {
        let post = Post { to, letter: Letter::Frame { target }, body: Some(frame.clone()) };
        if self.queue.try_send(post).is_err() {
            self.counters.increment(Count::BusUnsent);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::Ordering;

    use super::super::super::counters::Count;
    use super::super::letter::Letter;
    use super::{Address, ROOM, channel};

    #[test]
    fn what_finds_no_room_is_counted_if_it_is_a_frame_and_otherwise_told_anew() {
        let counters = Arc::default();
        let (bus, _letters) = channel(&counters);
        for _ in 0..ROOM {
            bus.tell(Address::Everyone, Letter::Here);
        }
        assert!(!bus.owes_a_hello.load(Ordering::Acquire));
        bus.tell(Address::Everyone, Letter::Left { device_id: "phone".into() });
        assert!(bus.owes_a_hello.load(Ordering::Acquire));
        bus.pass_on(Address::Everyone, None, &"{}".into());
        assert_eq!(counters.get(Count::BusUnsent), 1);
    }
}
