//! The other nodes, and the numbers of the letters to and from them. Pure: time comes in.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::letter::NodeId;

/// More nodes than one gateway ever has: a limit for what strangers on the bus can cost.
const MOST: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Peers(BTreeMap<NodeId, Peer>);

#[derive(Debug)]
struct Peer {
    sent: u64,
    heard: Option<u64>,
    last_heard: Instant,
}

/// What the number of a letter says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Receipt {
    /// It is the next one, or the first that was heard of that node.
    Next,
    /// So many were lost before it.
    After(u64),
    /// It was heard before.
    Again,
    /// There are too many nodes.
    Refused,
}

impl Peers {
    /// Whether the node was unknown before.
    pub(super) fn meet(&mut self, node: &NodeId, now: Instant) -> bool {
        if let Some(peer) = self.0.get_mut(node) {
            peer.last_heard = now;
            return false;
        }
        let has_room = self.0.len() < MOST;
        if has_room {
            self.0.insert(node.clone(), Peer { sent: 0, heard: None, last_heard: now });
        }
        has_room
    }

    /// For a letter that counts.
    pub(super) fn receive(&mut self, node: &NodeId, number: u64) -> Receipt {
        let Some(peer) = self.0.get_mut(node) else { return Receipt::Refused };
        let expected = peer.heard.map_or(number, |heard| heard + 1);
        if number < expected {
            return Receipt::Again;
        }
        peer.heard = Some(number);
        if number == expected { Receipt::Next } else { Receipt::After(number - expected) }
    }

    /// For a beat, which repeats the number of the last letter: how many were lost since.
    pub(super) fn compare(&mut self, node: &NodeId, number: u64) -> Receipt {
        let Some(peer) = self.0.get_mut(node) else { return Receipt::Refused };
        let heard = peer.heard.unwrap_or(number);
        peer.heard = Some(heard.max(number));
        if number > heard { Receipt::After(number - heard) } else { Receipt::Next }
    }

    /// The number of the next letter to that node.
    pub(super) fn next_number(&mut self, node: &NodeId) -> Option<u64> {
        let peer = self.0.get_mut(node)?;
        peer.sent += 1;
        Some(peer.sent)
    }

    pub(super) fn last_number(&self, node: &NodeId) -> u64 {
        self.0.get(node).map_or(0, |peer| peer.sent)
    }

    pub(super) fn all(&self) -> Vec<NodeId> {
        self.0.keys().cloned().collect()
    }

    pub(super) fn forget(&mut self, node: &NodeId) -> bool {
        self.0.remove(node).is_some()
    }

    /// Forgets the nodes that have been silent for so long, and returns them.
    pub(super) fn forget_silent(&mut self, patience: Duration, now: Instant) -> Vec<NodeId> {
        let silent = |peer: &Peer| now.saturating_duration_since(peer.last_heard) > patience;
        let gone: Vec<NodeId> =
            self.0.iter().filter(|(_, peer)| silent(peer)).map(|(node, _)| node.clone()).collect();
        self.0.retain(|_, peer| !silent(peer));
        gone
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Peers, Receipt};
    use crate::relay::bus::NodeId;
    use std::time::{Duration, Instant};

    fn with_one() -> (Peers, NodeId) {
        let (mut peers, node) = (Peers::default(), NodeId::generate());
        assert!(peers.meet(&node, Instant::now()));
        (peers, node)
    }

    #[test]
    fn the_first_letter_sets_the_count_and_gaps_and_repetitions_show() {
        let (mut peers, node) = with_one();
        let receipts = [5, 6, 9, 9, 6, 10].map(|number| peers.receive(&node, number));
        use Receipt::{After, Again, Next};
        assert_eq!(receipts, [Next, Next, After(2), Again, Again, Next]);
    }

    #[test]
    fn a_beat_shows_what_was_lost_at_the_end() {
        let (mut peers, node) = with_one();
        assert_eq!(peers.compare(&node, 3), Receipt::Next);
        assert_eq!(peers.receive(&node, 4), Receipt::Next);
        assert_eq!(peers.compare(&node, 4), Receipt::Next);
        assert_eq!(peers.compare(&node, 6), Receipt::After(2));
        assert_eq!(peers.receive(&node, 7), Receipt::Next);
    }

    #[test]
    fn letters_to_a_node_are_counted_from_one() {
        let (mut peers, node) = with_one();
        assert_eq!(
            (peers.last_number(&node), peers.next_number(&node), peers.last_number(&node)),
            (0, Some(1), 1)
        );
        assert_eq!(peers.next_number(&NodeId::generate()), None);
    }

    #[test]
    fn a_node_that_is_silent_for_too_long_is_forgotten() {
        let (mut peers, node) = with_one();
        let (patience, later) = (Duration::from_secs(6), Instant::now() + Duration::from_secs(7));
        assert_eq!(peers.forget_silent(patience, Instant::now()), []);
        assert_eq!(peers.forget_silent(patience, later), std::slice::from_ref(&node));
        assert_eq!(peers.receive(&node, 1), Receipt::Refused);
    }

    #[test]
    fn only_so_many_nodes_are_known() {
        let mut peers = Peers::default();
        assert_eq!((0..=MOST).filter(|_| peers.meet(&NodeId::generate(), Instant::now())).count(), MOST);
    }
}
