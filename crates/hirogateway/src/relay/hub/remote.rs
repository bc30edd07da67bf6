//! What other nodes tell the hub.

use std::collections::hash_map::Entry;

use hiro_protocol::gateway::closing::Closing;

use super::super::bus::{Address, Letter, NodeId, RemoteMember};
use super::{Hub, Member, Outbox, PairingRequest, Place, ask};

impl Hub {
    /// Everybody that is connected to this node.
    pub(in crate::relay) fn told(&self) -> Vec<RemoteMember> {
        let here = self.members.iter().filter(|(_, member)| member.outbox().is_some());
        here.map(|(device_id, member)| member.told(device_id)).collect()
    }

    /// A peer has logged in at another node. Of two that bear one name the one that came first stays: where that is
    /// the other one, ours is let go as any newcomer with a name that is taken; where it is ours, the other node hears so.
    pub(in crate::relay) fn remote_joined(&mut self, node: &NodeId, joined: RemoteMember) {
        let elsewhere = || Member {
            role: joined.role,
            device_name: joined.device_name.clone(),
            since: joined.since,
            place: Place::There(node.clone()),
        };
        match self.members.entry(joined.device_id.clone()) {
            Entry::Vacant(place) => {
                place.insert(elsewhere());
            }
            Entry::Occupied(mut place) => match place.get() {
                member @ Member { place: Place::Here(outbox), .. } => {
                    if member.since <= joined.since {
                        let member = member.told(&joined.device_id);
                        return self.tell(Address::One(node.clone()), || Letter::Joined { member });
                    }
                    outbox.close(Closing::Duplicate);
                    place.insert(elsewhere());
                }
                // Told once more.
                Member { place: Place::There(its), .. } if its == node => return,
                Member { since, .. } if *since <= joined.since => return,
                Member { .. } => {
                    place.insert(elsewhere());
                }
            },
        }
        self.note_joined(&joined);
    }

    pub(in crate::relay) fn remote_left(&mut self, node: &NodeId, device_id: &str) {
        let Entry::Occupied(member) = self.members.entry(device_id.to_owned()) else { return };
        if matches!(&member.get().place, Place::There(its) if its == node) {
            let left = member.remove();
            self.note_left(device_id, &left);
        }
    }

    /// Everybody that is connected to another node: who is not among them has left.
    pub(in crate::relay) fn remote_members(&mut self, node: &NodeId, members: Vec<RemoteMember>) {
        let stays = |device_id: &String| members.iter().any(|member| member.device_id == *device_id);
        for device_id in self.devices_of(node).into_iter().filter(|device_id| !stays(device_id)) {
            self.remote_left(node, &device_id);
        }
        for member in members {
            self.remote_joined(node, member);
        }
    }

    /// A node has gone, and everybody that was connected to it.
    pub(in crate::relay) fn node_gone(&mut self, node: &NodeId) {
        self.remote_members(node, Vec::new());
        self.pairings.forget_node(node);
    }

    fn devices_of(&self, node: &NodeId) -> Vec<String> {
        let there = |member: &Member| matches!(&member.place, Place::There(its) if its == node);
        self.members.iter().filter(|(_, member)| there(member)).map(|(name, _)| name.clone()).collect()
    }

    /// The peers of this node that get a frame which another node passed on.
    pub(in crate::relay) fn recipients_of_passed_on(&self, target: Option<&str>) -> Vec<Outbox> {
        match target {
            None => self.others(None),
            Some(device_id) => {
                self.members.get(device_id).and_then(Member::outbox).cloned().into_iter().collect()
            }
        }
    }

    /// A client of another node asks the desktop of this one.
    pub(in crate::relay) fn remote_pairing(
        &mut self,
        node: &NodeId,
        request_id: &str,
        request: PairingRequest,
    ) {
        let desktop = self.newest_desktop().and_then(Member::outbox);
        let asked = desktop.is_some_and(|desktop| ask(desktop, request_id, request).is_ok());
        if !asked || !self.pairings.begin_for(request_id.to_owned(), node.clone()) {
            let request_id = request_id.to_owned();
            self.tell(Address::One(node.clone()), || Letter::PairingFailed { request_id });
        }
    }

    /// What else another node says of a request: the answer, that there is none, or that nobody waits for one.
    pub(in crate::relay) fn remote_pairing_over(&mut self, letter: Letter) {
        match letter {
            Letter::PairingAnswer { answer } => self.pairings.answer(answer),
            Letter::PairingFailed { request_id } => self.pairings.fail(&request_id),
            Letter::PairingEnded { request_id } => drop(self.pairings.take_from_elsewhere(&request_id)),
            _ => {}
        }
    }
}
