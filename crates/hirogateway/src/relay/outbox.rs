//! What waits for one peer to read it: a queue that is bounded by frames, by bytes, and by the room that is left in this
//! node.
//!
//! Nobody ever waits for a place in it. What does not fit is dropped, and counted, until the peer has worked off half of
//! its queue: one gap instead of many. Dropping was chosen over closing because otherwise any device could end the
//! desktop's session by flooding it; a peer that reads nothing at all is closed by the keepalive.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hiro_protocol::gateway::closing::Closing;
use hiro_protocol::gateway::server::GatewayFrame;
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::room::{Parcel, Room};
use super::settings::Limits;

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
    /// Lost: the queue has just become full.
    Full,
    /// Lost: the queue was full, and not enough of it has been read since; or the peer is on its way out.
    Dropped,
}

#[derive(Clone)]
pub(super) struct Outbox(Arc<Inner>);

struct Inner {
    queue: Mutex<Queue>,
    filled: Notify,
    max_frames: usize,
    max_bytes: usize,
    room: Arc<Room>,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Parcel>,
    bytes: usize,
    ping: bool,
    closing: Option<Closing>,
    /// Nothing is taken until no more than so many frames wait: half of those that waited when it was full.
    resumes_at: Option<usize>,
    dropped: u64,
}

impl Outbox {
    pub(super) fn new(limits: &Limits, room: &Arc<Room>) -> Self {
        let (queue, filled, room) = (Mutex::default(), Notify::new(), Arc::clone(room));
        let (max_frames, max_bytes) = (limits.queued_frames, limits.queued_bytes);
        Self(Arc::new(Inner { queue, filled, max_frames, max_bytes, room }))
    }

    pub(super) fn offer(&self, frame: &Parcel) -> Offer {
        let mut queue = self.queue();
        if queue.closing.is_some() {
            return Offer::Dropped;
        }
        if queue.resumes_at.is_some() {
            queue.dropped += 1;
            return Offer::Dropped;
        }
        if !self.has_place(&queue, frame.bytes()) {
            queue.dropped += 1;
            queue.resumes_at = Some(queue.frames.len() / 2);
            return Offer::Full;
        }
        queue.bytes += frame.bytes();
        queue.frames.push_back(frame.clone());
        drop(queue);
        self.0.filled.notify_one();
        Offer::Taken
    }

    /// An empty queue takes any frame: one alone can't pile up.
    fn has_place(&self, queue: &Queue, bytes: usize) -> bool {
        let inner = &self.0;
        let longest = || inner.max_bytes.min(inner.room.share());
        queue.frames.is_empty() || (queue.frames.len() < inner.max_frames && queue.bytes + bytes <= longest())
    }

    /// Offers a frame of the gateway's own.
    pub(super) fn offer_own(&self, frame: &GatewayFrame) -> Offer {
        self.offer(&Parcel::own(frame.to_json().into()))
    }

    /// Whether both are one peer's.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
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
        queue.bytes -= frame.bytes();
        if queue.frames.is_empty() {
            queue.frames.shrink_to(KEPT_ROOM);
        }
        if queue.resumes_at.is_some_and(|half| queue.frames.len() <= half) {
            queue.resumes_at = None;
        }
        drop(queue);
        Some(Outgoing::Text(frame.into_text()))
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
    use std::sync::Arc;

    use hiro_protocol::gateway::closing::Closing;

    use super::super::room::{Parcel, Room};
    use super::super::settings::Limits;
    use super::{Offer, Outbox, Outgoing};

    const BYTES: usize = 1000;

    fn room(bytes: usize) -> Arc<Room> {
        Arc::new(Room::new(bytes, Arc::default()))
    }

    /// A frame that takes [`BYTES`], with what it costs beside its text.
    fn frame(room: &Arc<Room>) -> Parcel {
        let overhead = Parcel::own("".into()).bytes();
        Parcel::new("x".repeat(BYTES - overhead).into(), room).expect("there is room")
    }

    fn outbox(queued_frames: usize, queued_bytes: usize, room: &Arc<Room>) -> Outbox {
        Outbox::new(&Limits { queued_frames, queued_bytes, ..Limits::default() }, room)
    }

    /// As many as it takes.
    fn fill(outbox: &Outbox, room: &Arc<Room>) -> usize {
        (0..).take_while(|_| outbox.offer(&frame(room)) == Offer::Taken).count()
    }

    #[test]
    fn a_queue_is_bounded_by_frames_and_by_bytes() {
        let room = room(1 << 20);
        assert_eq!(fill(&outbox(3, 1 << 20, &room), &room), 3);
        assert_eq!(fill(&outbox(100, 2 * BYTES + 1, &room), &room), 2);
    }

    #[test]
    fn an_empty_queue_takes_a_frame_of_any_length() {
        let room = room(BYTES);
        assert_eq!(outbox(1, 1, &room).offer(&frame(&room)), Offer::Taken);
    }

    #[test]
    fn peers_that_do_not_read_leave_room_for_one_that_does() {
        let room = room(1000 * BYTES);
        let stuck = [0; 6].map(|_| outbox(1000, 1000 * BYTES, &room));
        assert_eq!(stuck.each_ref().map(|one| fill(one, &room)), [100, 80, 65, 65, 65, 65]);
        let healthy = outbox(1000, 1000 * BYTES, &room);
        assert_eq!((0..65).filter(|_| healthy.offer(&frame(&room)) == Offer::Taken).count(), 65);
    }

    #[test]
    fn a_frame_for_many_takes_the_room_of_one() {
        let room = room(10 * BYTES);
        let all = [0; 100].map(|_| outbox(10, 100 * BYTES, &room));
        for _ in 0..5 {
            let frame = frame(&room);
            assert!(all.iter().all(|one| one.offer(&frame) == Offer::Taken));
        }
    }

    #[test]
    fn a_peer_that_does_not_read_loses_frames_until_half_its_queue_is_read() {
        let room = room(1 << 20);
        let (outbox, frame) = (outbox(4, 1 << 20, &room), frame(&room));
        let offer = || outbox.offer(&frame);
        let offers = [offer(), offer(), offer(), offer(), offer(), offer()];
        use Offer::{Dropped, Full, Taken};
        assert_eq!(offers, [Taken, Taken, Taken, Taken, Full, Dropped]);
        assert_eq!(outbox.dropped(), 2);
        outbox.take();
        assert_eq!(outbox.offer(&frame), Dropped);
        outbox.take();
        assert_eq!(outbox.offer(&frame), Taken);
    }

    #[tokio::test]
    async fn a_close_comes_after_what_waits_and_a_ping_before_it() {
        let room = room(1 << 20);
        let (outbox, frame) = (outbox(1, 1 << 20, &room), frame(&room));
        outbox.offer(&frame);
        outbox.close(Closing::PairingComplete);
        outbox.close(Closing::Shutdown);
        outbox.ping();
        assert_eq!(outbox.offer(&frame), Offer::Dropped);
        assert_eq!(outbox.next().await, Outgoing::Ping);
        assert_eq!(outbox.next().await, Outgoing::Text(frame.into_text()));
        assert_eq!(outbox.next().await, Outgoing::Close(Closing::PairingComplete));
    }
}
