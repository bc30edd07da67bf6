//! Where connections wait until they have said who they are: so many of one address, and so many in all.
//!
//! A newcomer is never turned away for want of room here: it takes the place of the one that has waited longest, of
//! its own address where that one has too many, else of the address that has most. So a flood of strangers pushes out
//! strangers, and a peer that logs in at once, as programs do, gets through.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

pub(super) struct Lobby {
    waiting: Mutex<Waiting>,
    per_address: usize,
    in_all: usize,
}

/// A place in the lobby, free again when it is dropped.
pub(super) struct Place {
    lobby: Arc<Lobby>,
    origin: Origin,
    number: u64,
    pushed_out: Arc<Notify>,
}

/// Whom an address belongs to: with IPv6 a whole network is one customer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Origin(IpAddr);

#[derive(Default)]
struct Waiting {
    next_number: u64,
    count: usize,
    by_origin: HashMap<Origin, BTreeMap<u64, Arc<Notify>>>,
}

impl Lobby {
    pub(super) fn new(per_address: usize, in_all: usize) -> Arc<Self> {
        let waiting = Mutex::default();
        Arc::new(Self { waiting, per_address: per_address.max(1), in_all: in_all.max(1) })
    }

    /// Lets a newcomer in. Returns how many others had to make room.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> (Place, u64) {
        let origin = Origin::of(address);
        let mut waiting = self.waiting();
        let mut pushed_out = 0;
        while waiting.of(origin) >= self.per_address {
            pushed_out += u64::from(waiting.push_out(origin));
        }
        while waiting.count >= self.in_all
            && let Some(crowd) = waiting.greatest_crowd()
        {
            pushed_out += u64::from(waiting.push_out(crowd));
        }
        let (number, notify) = waiting.add(origin);
        (Place { lobby: Arc::clone(self), origin, number, pushed_out: notify }, pushed_out)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Returns when a newcomer has taken the place.
    pub(super) async fn pushed_out(&self) {
        self.pushed_out.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.lobby.waiting().remove(self.origin, self.number);
    }
}

impl Origin {
    fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
            v4 => v4,
        })
    }
}

impl Waiting {
    fn of(&self, origin: Origin) -> usize {
        self.by_origin.get(&origin).map_or(0, BTreeMap::len)
    }

    fn add(&mut self, origin: Origin) -> (u64, Arc<Notify>) {
        let number = self.next_number;
        self.next_number += 1;
        self.count += 1;
        let notify = Arc::new(Notify::new());
        self.by_origin.entry(origin).or_default().insert(number, Arc::clone(&notify));
        (number, notify)
    }

    /// The one of that origin that came first.
    fn push_out(&mut self, origin: Origin) -> bool {
        let first = self.by_origin.get(&origin).and_then(|numbers| numbers.first_key_value());
        let Some((number, notify)) = first.map(|(number, notify)| (*number, Arc::clone(notify))) else {
            return false;
        };
        self.remove(origin, number);
        notify.notify_one();
        true
    }

    fn remove(&mut self, origin: Origin, number: u64) {
        let Some(numbers) = self.by_origin.get_mut(&origin) else { return };
        self.count -= usize::from(numbers.remove(&number).is_some());
        if numbers.is_empty() {
            self.by_origin.remove(&origin);
        }
    }

    fn greatest_crowd(&self) -> Option<Origin> {
        self.by_origin.iter().max_by_key(|(_, numbers)| numbers.len()).map(|(origin, _)| *origin)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Arc;

    use futures_util::FutureExt;

    use super::{Lobby, Place};

    fn enter(lobby: &Arc<Lobby>, address: &str) -> Place {
        lobby.enter(address.parse::<IpAddr>().unwrap()).0
    }

    fn is_out(place: &Place) -> bool {
        place.pushed_out().now_or_never().is_some()
    }

    #[test]
    fn a_newcomer_takes_the_place_of_the_oldest_of_its_own_address() {
        let lobby = Lobby::new(2, 100);
        let other = enter(&lobby, "192.0.2.1");
        let [first, second, third] = [0; 3].map(|_| enter(&lobby, "192.0.2.2"));
        assert_eq!([&other, &first, &second, &third].map(is_out), [false, true, false, false]);
    }

    #[test]
    fn in_a_full_lobby_the_greatest_crowd_makes_room() {
        let lobby = Lobby::new(100, 3);
        let single = enter(&lobby, "192.0.2.1");
        let [first, second] = [0; 2].map(|_| enter(&lobby, "192.0.2.2"));
        let newcomer = enter(&lobby, "192.0.2.3");
        assert_eq!([&single, &first, &second, &newcomer].map(is_out), [false, true, false, false]);
    }

    #[test]
    fn a_place_that_was_left_is_free() {
        let lobby = Lobby::new(1, 1);
        drop(enter(&lobby, "192.0.2.1"));
        let (_place, pushed_out) = lobby.enter("192.0.2.1".parse().unwrap());
        assert_eq!(pushed_out, 0);
        assert_eq!(lobby.waiting().count, 1);
    }

    #[test]
    fn one_that_was_pushed_out_leaves_without_taking_another_with_it() {
        let lobby = Lobby::new(1, 10);
        let (out, stays) = (enter(&lobby, "192.0.2.1"), enter(&lobby, "192.0.2.1"));
        drop(out);
        assert_eq!(lobby.waiting().count, 1);
        assert!(!is_out(&stays));
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address() {
        let lobby = Lobby::new(1, 10);
        let (first, _same) = (enter(&lobby, "2001:db8::1"), enter(&lobby, "2001:db8::ffff:1"));
        let other = enter(&lobby, "2001:db8:0:1::1");
        assert_eq!([&first, &other].map(is_out), [true, false]);
    }
}
