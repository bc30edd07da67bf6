//! The memory that waiting frames may take in this node, whoever they wait for.
//!
//! A frame is charged once, however many peers it waits for, from the moment it is passed on until the last queue has let
//! it go. Long queues share one half of the room, and become shorter the more of it is taken; the other half is for short
//! ones alone, so that peers which do not read never take what the others need.

use std::sync::Arc;

use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::counters::{Count, Counters};

/// What a waiting frame takes beside its text, roughly.
const OVERHEAD: usize = 128;

/// A queue may always become so long, as long as there is any room.
const SHORT: usize = 64 << 10;

/// A long queue may have so much of what is left to long ones.
const SHARE: usize = 4;

pub(super) struct Room {
    bytes: usize,
    /// Its gauge is the account: what is shown is what is decided by.
    counters: Arc<Counters>,
}

/// A frame on its way. Its copies share the text and the charge.
#[derive(Clone)]
pub(super) struct Parcel(Arc<Charged>);

struct Charged {
    text: Utf8Bytes,
    bytes: usize,
    room: Option<Arc<Room>>,
}

impl Room {
    pub(super) fn new(bytes: usize, counters: Arc<Counters>) -> Self {
        Self { bytes, counters }
    }

    /// How long a queue may become at the moment, in bytes.
    pub(super) fn share(&self) -> usize {
        share(self.bytes, self.taken())
    }

    fn taken(&self) -> usize {
        usize::try_from(self.counters.get(Count::QueuedBytes)).unwrap_or(usize::MAX)
    }
}

fn share(room: usize, taken: usize) -> usize {
    ((room / 2).saturating_sub(taken) / SHARE).max(SHORT)
}

impl Parcel {
    /// `None` when there is no room for it.
    pub(super) fn new(text: Utf8Bytes, room: &Arc<Room>) -> Option<Self> {
        let bytes = text.len() + OVERHEAD;
        if room.taken().saturating_add(bytes) > room.bytes {
            return None;
        }
        room.counters.add(Count::QueuedBytes, bytes as u64);
        Some(Self(Arc::new(Charged { text, bytes, room: Some(Arc::clone(room)) })))
    }

    /// One of the gateway's own, for which there is always room: they are small and few.
    pub(super) fn own(text: Utf8Bytes) -> Self {
        Self(Arc::new(Charged { bytes: text.len() + OVERHEAD, text, room: None }))
    }

    /// What it takes of the room and of a queue.
    pub(super) fn bytes(&self) -> usize {
        self.0.bytes
    }

    pub(super) fn into_text(self) -> Utf8Bytes {
        // The last one who has it takes it: a copy of the handle costs more than a move.
        match Arc::try_unwrap(self.0) {
            Ok(mut last) => std::mem::take(&mut last.text),
            Err(shared) => shared.text.clone(),
        }
    }
}

impl Drop for Charged {
    fn drop(&mut self) {
        if let Some(room) = &self.room {
            room.counters.subtract(Count::QueuedBytes, self.bytes as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio_tungstenite::tungstenite::Utf8Bytes;

    use super::{OVERHEAD, Parcel, Room, SHORT, share};

    fn frame() -> Utf8Bytes {
        "x".repeat(1000 - OVERHEAD).into()
    }

    #[test]
    fn a_frame_is_charged_once_and_until_the_last_copy_is_gone() {
        let room = Arc::new(Room::new(10_000, Arc::default()));
        let first = Parcel::new(frame(), &room).unwrap();
        let second = first.clone();
        drop(first);
        assert_eq!(room.taken(), 1_000);
        assert_eq!(second.into_text(), frame());
        assert_eq!(room.taken(), 0);
    }

    /// What so many peers that never read take of `room`, one after the other.
    fn taken_by(peers: usize, room: usize) -> usize {
        (0..peers).fold(0, |before, _| {
            let mut own = 0;
            while own + 1000 <= share(room, before + own) && before + own + 1000 <= room {
                own += 1000;
            }
            before + own
        })
    }

    #[test]
    fn long_queues_share_half_of_the_room_and_become_short_in_good_time() {
        let room = 128 << 20;
        let shares = [0, 1, 10, 30].map(|stuck| share(room, taken_by(stuck, room)) >> 10);
        assert_eq!(shares, [16_384, 13_107, 1_759, 64]);
        assert!(taken_by(30, room) < room / 2 + 30 * SHORT);
    }

    #[test]
    fn short_queues_of_a_thousand_peers_find_room_however_many_do_not_read() {
        let room = 128 << 20;
        assert!(taken_by(1000, room) + SHORT < room);
    }

    #[test]
    fn what_there_is_no_room_for_is_not_taken() {
        let room = Arc::new(Room::new(2_500, Arc::default()));
        let waiting = [0; 3].map(|_| Parcel::new(frame(), &room));
        assert_eq!(waiting.each_ref().map(Option::is_some), [true, true, false]);
        drop(waiting);
        assert!(Parcel::new(frame(), &room).is_some());
    }

    #[test]
    fn frames_of_the_gateways_own_are_not_charged() {
        let room = Arc::new(Room::new(0, Arc::default()));
        assert!(Parcel::new(frame(), &room).is_none());
        assert_eq!(Parcel::own(frame()).into_text(), frame());
    }
}
