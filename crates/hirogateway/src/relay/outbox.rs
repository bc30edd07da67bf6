//! What waits for one peer to read it: a queue that is bounded by frames and by bytes.
//!
//! Putting something in never waits. A peer that reads, but more slowly than others send, makes them wait: that is how
//! TCP works, and nothing is lost. One that has stopped reading is not waited for: what does not fit into its queue is
//! dropped, and counted, until it has worked off half of it. Dropping was chosen over closing because otherwise any
//! device could end the desktop's session by flooding it; a peer that reads nothing at all is closed by the keepalive.

mod trial;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hiro_protocol::gateway::closing::Closing;
use hiro_protocol::gateway::server::GatewayFrame;
use tokio::sync::Notify;
use tokio::time::{self, Instant};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use trial::Trial;

/// Room for so many frames stays when a queue has been emptied: an idle peer should cost little.
const KEPT_ROOM: usize = 16;

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

struct Queue {
    frames: VecDeque<Utf8Bytes>,
    bytes: usize,
    ping: bool,
    closing: Option<Closing>,
    slow: bool,
    dropped: u64,
    trial: Trial,
}

impl Queue {
    fn new() -> Self {
        let (frames, trial) = (VecDeque::new(), Trial::new(Instant::now()));
        Self { frames, bytes: 0, ping: false, closing: None, slow: false, dropped: 0, trial }
    }
}

impl Outbox {
    pub(super) fn new(max_frames: usize, max_bytes: usize) -> Self {
        let (queue, filled, drained) = (Mutex::new(Queue::new()), Notify::new(), Notify::new());
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
        if queue.frames.is_empty() {
            queue.trial.begin(Instant::now());
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

    /// Offers `frame` until it is taken, as long as the peer keeps reading. Returns whether the frame is lost.
    pub(super) async fn offer_patiently(&self, frame: &Utf8Bytes, patience: Duration) -> bool {
        loop {
            // Created before the look, so that what is drained in between is not missed.
            let drained = self.0.drained.notified();
            match self.offer(frame) {
                Offer::Taken => return false,
                Offer::Dropped => return true,
                Offer::Full => {}
            }
            let Some(until) = self.wait_until(patience) else { return true };
            let _ = time::timeout_at(until, drained).await;
        }
    }

    /// Offers `frame` once: a peer that has no room for it counts as slow. Returns whether the frame is lost.
    pub(super) fn offer_now_or_never(&self, frame: &Utf8Bytes) -> bool {
        match self.offer(frame) {
            Offer::Taken => false,
            Offer::Dropped => true,
            Offer::Full => {
                let mut queue = self.queue();
                queue.slow = true;
                queue.dropped += 1;
                true
            }
        }
    }

    /// Whether both are one peer's.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Until when the peer may be waited for before the next look. `None`: it counts as slow from now on.
    fn wait_until(&self, patience: Duration) -> Option<Instant> {
        let mut queue = self.queue();
        let until = queue.trial.next_look(Instant::now(), patience);
        if until.is_none() {
            queue.slow = true;
            queue.dropped += 1;
        }
        until
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
        queue.trial.took(frame.len(), Instant::now());
        if queue.frames.is_empty() {
            queue.frames.shrink_to(KEPT_ROOM);
        }
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
    async fn a_peer_that_does_not_read_loses_frames_until_half_its_queue_is_read() {
        let outbox = full(4);
        assert!(outbox.offer_patiently(&FRAME, Duration::ZERO).await);
        assert!(outbox.offer_patiently(&FRAME, Duration::from_secs(3600)).await);
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
        let (lost, _) = tokio::join!(offered, async { outbox.take() });
        assert!(!lost);
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
