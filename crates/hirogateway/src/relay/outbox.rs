//! What waits for one peer to read it: a queue that is bounded by frames and by bytes.
//!
//! Putting something in never waits. When a peer falls so far behind that its queue is full, a sender may give it a
//! moment once; if that passes too, the peer counts as slow and further frames for it are dropped, and counted,
//! until it has worked off half its queue. Dropping was chosen over closing because otherwise any device could end
//! the desktop's session by flooding it; a peer that reads nothing at all is closed by the keepalive.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hiro_protocol::gateway::closing::Closing;
use hiro_protocol::gateway::server::GatewayFrame;
use tokio::sync::Notify;
use tokio::time;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// The next thing for the peer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outgoing {
    Text(Utf8Bytes),
    Ping,
    Close(Closing),
}

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    Taken,
    /// The queue is full; the peer may be given a moment.
    Full,
    /// The queue is full and the peer has had its moment.
    Dropped,
}

#[derive(Clone)]
pub(super) struct Outbox(Arc<Inner>);

struct Inner {
    queue: Mutex<Queue>,
    filled: Notify,
    drained: Notify,
    max_frames: usize,
    max_bytes: usize,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Utf8Bytes>,
    bytes: usize,
    ping: bool,
    closing: Option<Closing>,
    slow: bool,
    dropped: u64,
}

impl Outbox {
    pub(super) fn new(max_frames: usize, max_bytes: usize) -> Self {
        let (queue, filled, drained) = (Mutex::default(), Notify::new(), Notify::new());
        Self(Arc::new(Inner { queue, filled, drained, max_frames, max_bytes }))
    }

    pub(super) fn offer(&self, frame: &Utf8Bytes) -> Offer {
        let mut queue = self.queue();
        if queue.closing.is_some() {
            return Offer::Dropped;
        }
        if queue.slow {
            queue.dropped += 1;
            return Offer::Dropped;
        }
        // An empty queue takes any frame: one alone can't pile up.
        let fits = queue.frames.len() < self.0.max_frames && queue.bytes + frame.len() <= self.0.max_bytes;
        if !fits && !queue.frames.is_empty() {
            return Offer::Full;
        }
        queue.bytes += frame.len();
        queue.frames.push_back(frame.clone());
        drop(queue);
        self.0.filled.notify_one();
        Offer::Taken
    }

    /// Offers a frame of the gateway's own.
    pub(super) fn offer_own(&self, frame: &GatewayFrame) -> Offer {
        self.offer(&frame.to_json().into())
    }

    /// Offers `frame` until it is taken or `patience` has passed. Returns whether the peer has just become slow.
    pub(super) async fn offer_patiently(&self, frame: &Utf8Bytes, patience: Duration) -> bool {
        let accepted_or_dropped = async {
            loop {
                // Created before the look, so that what is drained in between is not missed.
                let drained = self.0.drained.notified();
                if self.offer(frame) != Offer::Full {
                    return;
                }
                drained.await;
            }
        };
        match time::timeout(patience, accepted_or_dropped).await {
            Ok(()) => false,
            Err(_) => self.give_up(),
        }
    }

    /// Offers `frame` once: a peer that has no room for it counts as slow.
    pub(super) fn offer_now_or_never(&self, frame: &Utf8Bytes) {
        if self.offer(frame) == Offer::Full {
            self.give_up();
        }
    }

    /// Whether both are one peer's.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn give_up(&self) -> bool {
        let mut queue = self.queue();
        queue.dropped += 1;
        !std::mem::replace(&mut queue.slow, true)
    }

    /// Lets the peer go once it has read what waits for it. The first reason stands.
    pub(super) fn close(&self, closing: Closing) {
        self.queue().closing.get_or_insert(closing);
        self.0.filled.notify_one();
    }

    pub(super) fn ping(&self) {
        self.queue().ping = true;
        self.0.filled.notify_one();
    }

    pub(super) async fn next(&self) -> Outgoing {
        loop {
            let filled = self.0.filled.notified();
            if let Some(outgoing) = self.take() {
                return outgoing;
            }
            filled.await;
        }
    }

    /// What is next, if anything waits. A ping overtakes: it asks whether the peer is alive, not whether it is fast.
    pub(super) fn take(&self) -> Option<Outgoing> {
        let mut queue = self.queue();
        if std::mem::take(&mut queue.ping) {
            return Some(Outgoing::Ping);
        }
        let Some(frame) = queue.frames.pop_front() else {
            return queue.closing.clone().map(Outgoing::Close);
        };
        queue.bytes -= frame.len();
        if queue.frames.len() <= self.0.max_frames / 2 && queue.bytes <= self.0.max_bytes / 2 {
            queue.slow = false;
        }
        drop(queue);
        self.0.drained.notify_waiters();
        Some(Outgoing::Text(frame))
    }

    /// How many frames the peer has lost.
    pub(super) fn dropped(&self) -> u64 {
        self.queue().dropped
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hiro_protocol::gateway::closing::Closing;
    use tokio_tungstenite::tungstenite::Utf8Bytes;

    use super::{Offer, Outbox, Outgoing};

    static FRAME: Utf8Bytes = Utf8Bytes::from_static("12345");

    fn full(max_frames: usize) -> Outbox {
        let outbox = Outbox::new(max_frames, 1000);
        for _ in 0..max_frames {
            assert_eq!(outbox.offer(&FRAME), Offer::Taken);
        }
        outbox
    }

    #[test]
    fn a_queue_is_bounded_by_frames_and_by_bytes() {
        assert_eq!(full(3).offer(&FRAME), Offer::Full);
        let outbox = Outbox::new(100, 9);
        assert_eq!(outbox.offer(&FRAME), Offer::Taken);
        assert_eq!(outbox.offer(&FRAME), Offer::Full);
    }

    #[test]
    fn an_empty_queue_takes_a_frame_of_any_length() {
        assert_eq!(Outbox::new(1, 1).offer(&FRAME), Offer::Taken);
    }

    #[tokio::test]
    async fn a_slow_peer_is_waited_for_once_and_then_not_until_half_its_queue_is_read() {
        let outbox = full(4);
        assert!(outbox.offer_patiently(&FRAME, Duration::ZERO).await);
        assert!(!outbox.offer_patiently(&FRAME, Duration::from_secs(3600)).await);
        assert_eq!(outbox.dropped(), 2);
        outbox.take();
        assert_eq!(outbox.offer(&FRAME), Offer::Dropped);
        outbox.take();
        assert_eq!(outbox.offer(&FRAME), Offer::Taken);
    }

    #[tokio::test]
    async fn a_frame_is_taken_as_soon_as_the_peer_reads() {
        let outbox = full(1);
        let offered = outbox.offer_patiently(&FRAME, Duration::from_secs(3600));
        let (slow, _) = tokio::join!(offered, async { outbox.take() });
        assert!(!slow);
        assert_eq!(outbox.dropped(), 0);
    }

    #[tokio::test]
    async fn a_close_comes_after_what_waits_and_a_ping_before_it() {
        let outbox = full(1);
        outbox.close(Closing::PairingComplete);
        outbox.close(Closing::Shutdown);
        outbox.ping();
        assert_eq!(outbox.offer(&FRAME), Offer::Dropped);
        assert_eq!(outbox.next().await, Outgoing::Ping);
        assert_eq!(outbox.next().await, Outgoing::Text(FRAME.clone()));
        assert_eq!(outbox.next().await, Outgoing::Close(Closing::PairingComplete));
    }
}
