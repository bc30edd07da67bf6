//! What a relay counts, in one place: plain numbers with a name and a help text each.
//!
//! The relay counts; whoever shows the numbers takes a [`Counters::snapshot`]. Counting never waits and locks nothing.

use std::sync::atomic::{AtomicU64, Ordering};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Count {
    /// Connections that were accepted.
    ConnectionsAccepted,
    /// Connections that were dropped at once because there were too many.
    ConnectionsRefused,
    /// Connections that a newcomer pushed out before they had logged in.
    ConnectionsPushedOut,
    /// Connections that are open.
    ConnectionsOpen,
    /// Openings that led to no WebSocket.
    HandshakesFailed,
    /// Peers that were let in.
    Logins,
    /// First frames that led nowhere.
    LoginsRefused,
    /// Peers that were turned away because their name was taken.
    Duplicates,
    /// Peers that are logged in.
    Members,
    /// Pairing requests that were passed on.
    PairingsBegun,
    /// Pairing requests that were turned away.
    PairingsRefused,
    /// Messages from peers that are logged in.
    FramesReceived,
    /// Messages that were put into a peer's queue.
    FramesDelivered,
    /// Messages that are no JSON object.
    FramesMalformed,
    /// Messages for somebody who is not there.
    FramesUndeliverable,
    /// Messages that would have been too long with their sender's name.
    FramesTooLong,
    /// Messages that were lost because their receiver's queue was full.
    FramesDropped,
    /// How often a peer's queue became full, and frames for it were lost until half of it was read.
    QueuesFilled,
    /// Bytes that wait for their receivers.
    QueuedBytes,
    /// How often a peer was made to wait because it sent too fast.
    Throttled,
    /// Messages that were too long to be taken.
    MessagesTooBig,
    /// Connections that broke the rules of WebSocket.
    ProtocolErrors,
    /// Peers that were closed because they answered no ping or took no message.
    PingTimeouts,
    /// Messages for other nodes that did not leave this one.
    BusUnsent,
    /// What other nodes sent and never came.
    BusLost,
    /// What came over the bus again, or could not be read.
    BusRefused,
}

/// How a number behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It says how many there are now.
    Gauge,
}

/// One number, with all that is needed to show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Its name; that of a counter ends in `_total`.
    pub name: &'static str,
    /// What it says, for people.
    pub help: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// What it was at the moment of the snapshot.
    pub value: u64,
}

struct Row {
    count: Count,
    name: &'static str,
    help: &'static str,
}

const fn row(count: Count, name: &'static str, help: &'static str) -> Row {
    Row { count, name, help }
}

/// In the order of [`Count`].
const TABLE: &[Row] = &[
    row(Count::ConnectionsAccepted, "connections_accepted_total", "Connections accepted"),
    row(
        Count::ConnectionsRefused,
        "connections_refused_total",
        "Connections dropped at once, beyond the limit",
    ),
    row(
        Count::ConnectionsPushedOut,
        "connections_pushed_out_total",
        "Connections that had not logged in and made room for newcomers",
    ),
    row(Count::ConnectionsOpen, "connections_open", "Connections that are open"),
    row(Count::HandshakesFailed, "handshakes_failed_total", "Connections that never became a WebSocket"),
    row(Count::Logins, "logins_total", "Peers let in"),
    row(Count::LoginsRefused, "logins_refused_total", "First frames refused"),
    row(Count::Duplicates, "duplicates_total", "Peers turned away because their name was taken"),
    row(Count::Members, "members", "Peers that are logged in"),
    row(Count::PairingsBegun, "pairings_begun_total", "Pairing requests passed on to a desktop"),
    row(Count::PairingsRefused, "pairings_refused_total", "Pairing requests turned away"),
    row(Count::FramesReceived, "frames_received_total", "Messages from peers that are logged in"),
    row(
        Count::FramesDelivered,
        "frames_delivered_total",
        "Messages queued for a receiver, one for each receiver",
    ),
    row(Count::FramesMalformed, "frames_malformed_total", "Messages ignored because they are no JSON object"),
    row(Count::FramesUndeliverable, "frames_undeliverable_total", "Messages for nobody who is there"),
    row(
        Count::FramesTooLong,
        "frames_too_long_total",
        "Messages not passed on because the sender's name makes them too long",
    ),
    row(
        Count::FramesDropped,
        "frames_dropped_total",
        "Messages lost because their receiver's queue was full",
    ),
    row(
        Count::QueuesFilled,
        "queues_filled_total",
        "Times that a receiver's queue became full, and messages for it were lost until half of it was read",
    ),
    row(Count::QueuedBytes, "queued_bytes", "Bytes that wait for their receivers"),
    row(Count::Throttled, "throttled_total", "Times that a peer had to wait because it sent too fast"),
    row(
        Count::MessagesTooBig,
        "messages_too_big_total",
        "Connections closed because of a message beyond the limit",
    ),
    row(
        Count::ProtocolErrors,
        "protocol_errors_total",
        "Connections closed because the peer broke the rules of WebSocket",
    ),
    row(
        Count::PingTimeouts,
        "ping_timeouts_total",
        "Connections closed because the peer went silent or did not read",
    ),
    row(
        Count::BusUnsent,
        "bus_unsent_total",
        "Messages for other nodes that were lost here: the bus was away or its queue full",
    ),
    row(Count::BusLost, "bus_lost_total", "Letters of other nodes that never came"),
    row(Count::BusRefused, "bus_refused_total", "Letters that came again or could not be read"),
];

/// The numbers of one relay.
///
/// ```
/// use hirogateway::relay::counters::{Count, Counters};
///
/// let counters = Counters::default();
/// let logins = counters.snapshot().into_iter().find(|sample| sample.name == "logins_total");
/// assert_eq!(logins.map(|sample| sample.value), Some(counters.get(Count::Logins)));
/// ```
#[derive(Debug, Default)]
pub struct Counters([AtomicU64; TABLE.len()]);

impl Counters {
    /// One of the numbers.
    pub fn get(&self, count: Count) -> u64 {
        self.0[count as usize].load(Ordering::Relaxed)
    }

    /// All numbers, in a fixed order. They are read one after the other: what happens meanwhile may show in some.
    pub fn snapshot(&self) -> Vec<Sample> {
        let sample = |row: &Row| Sample {
            name: row.name,
            help: row.help,
            kind: row.kind(),
            value: self.get(row.count),
        };
        TABLE.iter().map(sample).collect()
    }

    pub(super) fn add(&self, count: Count, amount: u64) {
        self.0[count as usize].fetch_add(amount, Ordering::Relaxed);
    }

    pub(super) fn increment(&self, count: Count) {
        self.add(count, 1);
    }

    pub(super) fn decrement(&self, count: Count) {
        self.subtract(count, 1);
    }

    pub(super) fn subtract(&self, count: Count, amount: u64) {
        self.0[count as usize].fetch_sub(amount, Ordering::Relaxed);
    }
}

impl Row {
    fn kind(&self) -> Kind {
        if self.name.ends_with("_total") { Kind::Counter } else { Kind::Gauge }
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, Counters, Kind, TABLE};

    #[test]
    fn every_number_stands_at_its_own_place_in_the_table() {
        for (place, row) in TABLE.iter().enumerate() {
            assert_eq!(row.count as usize, place, "{}", row.name);
        }
    }

    #[test]
    fn names_are_those_that_a_scraper_takes_and_stand_once() {
        let mut names: Vec<_> = TABLE.iter().map(|row| row.name).collect();
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
    }

    #[test]
    fn a_snapshot_has_what_was_counted() {
        let counters = Counters::default();
        counters.add(Count::FramesDelivered, 3);
        counters.increment(Count::Members);
        counters.increment(Count::Members);
        counters.decrement(Count::Members);
        let told: Vec<_> = counters.snapshot().into_iter().filter(|sample| sample.value > 0).collect();
        let told: Vec<_> = told.iter().map(|sample| (sample.name, sample.kind, sample.value)).collect();
        assert_eq!(told, [("members", Kind::Gauge, 1), ("frames_delivered_total", Kind::Counter, 3)]);
    }
}
