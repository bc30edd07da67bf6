//! Who is connected, here or to another node, who is paired at the moment, and who gets what.
//!
//! No sockets, no clock, no waiting: everything is decided at once and put into the outboxes of those concerned, and into
//! the post for other nodes.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Instant;

use hiro_protocol::gateway::closing::Closing;
use hiro_protocol::gateway::pairing::{PairingAnswer, PairingRequest};
use hiro_protocol::gateway::server::GatewayFrame;
use serde::{Deserialize, Serialize};

use super::bus::{Address, Bus, Letter, NodeId, RemoteMember};
use super::outbox::{Offer, Outbox};
use super::target::Target;

mod pairings;
mod remote;

pub(super) use pairings::Pairings;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    Desktop,
    Device,
}

/// A peer that has proved who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) role: Role,
    pub(super) device_id: String,
    pub(super) device_name: Option<String>,
}

/// A peer of that name is connected already.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Duplicate;

/// Who gets a frame.
#[derive(Default)]
pub(super) struct Recipients {
    /// Peers of this node.
    pub(super) here: Vec<Outbox>,
    /// Whoever it is that another node has to look for.
    pub(super) there: Option<Address>,
}

pub(super) struct Hub {
    members: HashMap<String, Member>,
    /// The last desktop to log in, and when. When it leaves there is none, even if an older one is still on.
    newest_desktop: Option<(i64, String)>,
    pairings: Pairings,
    device_notices: bool,
    bus: Option<Bus>,
}

struct Member {
    role: Role,
    device_name: Option<String>,
    since: i64,
    place: Place,
}

/// Where a member is connected.
enum Place {
    Here(Outbox),
    There(NodeId),
}

impl Hub {
    pub(super) fn new(device_notices: bool, pairings: Pairings, bus: Option<Bus>) -> Self {
        Self { members: HashMap::new(), newest_desktop: None, pairings, device_notices, bus }
    }

    /// Lets a peer in, unless its name is taken. `since` is when, in microseconds since the epoch.
    pub(super) fn join(&mut self, identity: &Identity, outbox: &Outbox, since: i64) -> Result<(), Duplicate> {
        let Entry::Vacant(place) = self.members.entry(identity.device_id.clone()) else {
            return Err(Duplicate);
        };
        let (role, device_name) = (identity.role, identity.device_name.clone());
        let member = place.insert(Member { role, device_name, since, place: Place::Here(outbox.clone()) });
        let joined = member.told(&identity.device_id);
        self.note_joined(&joined);
        self.tell(Address::Everyone, || Letter::Joined { member: joined });
        Ok(())
    }

    /// Strikes out a peer that [`Hub::join`] let in, unless another one bears its name by now.
    pub(super) fn leave(&mut self, device_id: &str, outbox: &Outbox) {
        let Entry::Occupied(member) = self.members.entry(device_id.to_owned()) else { return };
        if !matches!(&member.get().place, Place::Here(its) if its.is(outbox)) {
            return;
        }
        let left = member.remove();
        self.note_left(device_id, &left);
        self.tell(Address::Everyone, || Letter::Left { device_id: device_id.to_owned() });
    }

    /// Whether a desktop is connected to this node.
    pub(super) fn has_desktop(&self) -> bool {
        self.members.values().any(|member| member.role == Role::Desktop && member.outbox().is_some())
    }

    /// Whoever gets a frame of `sender` for `target`.
    pub(super) fn recipients(&self, sender: &str, target: &Target) -> Recipients {
        match target {
            Target::Everyone => Recipients {
                here: self.others(Some(sender)),
                there: self.bus.is_some().then_some(Address::Everyone),
            },
            Target::One(device_id) => match self.members.get(device_id).map(|member| &member.place) {
                Some(Place::Here(outbox)) => Recipients { here: vec![outbox.clone()], there: None },
                Some(Place::There(node)) => {
                    Recipients { here: Vec::new(), there: Some(Address::One(node.clone())) }
                }
                None => Recipients::default(),
            },
            Target::Nobody => Recipients::default(),
        }
    }

    /// The peers of this node, but for one.
    fn others(&self, sender: Option<&str>) -> Vec<Outbox> {
        let others = self.members.iter().filter(|(device_id, _)| Some(device_id.as_str()) != sender);
        others.filter_map(|(_, member)| member.outbox().cloned()).collect()
    }

    /// Passes a client's request on to the newest desktop. One whose queue is full can't answer either.
    pub(super) fn begin_pairing(
        &mut self,
        request_id: &str,
        request: PairingRequest,
        client: &Outbox,
        now: Instant,
    ) -> Result<(), Closing> {
        let desktop = self.newest_desktop().ok_or(Closing::NoDesktop)?;
        if !self.pairings.has_room(now) {
            return Err(Closing::TooManyPairings);
        }
        let request_id = request_id.to_owned();
        match &desktop.place {
            Place::Here(outbox) => ask(outbox, &request_id, request)?,
            Place::There(node) => {
                let (to, request_id) = (Address::One(node.clone()), request_id.clone());
                self.tell(to, || Letter::PairingRequest { request_id, request });
            }
        }
        client.offer_own(&GatewayFrame::PairingPending { request_id: request_id.clone() });
        self.pairings.begin(request_id, client, now);
        Ok(())
    }

    /// Passes a desktop's answer on to the client and lets it go. An answer to a client that has left, or to nobody,
    /// concerns no one.
    pub(super) fn answer_pairing(&mut self, answer: PairingAnswer) {
        if let Some(node) = self.pairings.take_from_elsewhere(&answer.request_id) {
            self.tell(Address::One(node), || Letter::PairingAnswer { answer });
        } else {
            self.pairings.answer(answer);
        }
    }

    /// Forgets a request whose client is gone.
    pub(super) fn end_pairing(&mut self, request_id: &str) {
        if self.pairings.end(request_id) {
            self.tell(Address::Everyone, || Letter::PairingEnded { request_id: request_id.to_owned() });
        }
    }

    fn newest_desktop(&self) -> Option<&Member> {
        let (_, device_id) = self.newest_desktop.as_ref()?;
        self.members.get(device_id)
    }

    fn note_joined(&mut self, joined: &RemoteMember) {
        match joined.role {
            Role::Desktop => {
                let this = (joined.since, joined.device_id.clone());
                self.newest_desktop = self.newest_desktop.take().max(Some(this));
            }
            Role::Device => self.notify_desktop(GatewayFrame::DeviceConnected {
                device_id: joined.device_id.clone(),
                device_name: joined.device_name.clone(),
            }),
        }
    }

    fn note_left(&mut self, device_id: &str, left: &Member) {
        if self.newest_desktop.as_ref().is_some_and(|(_, newest)| newest == device_id) {
            self.newest_desktop = None;
        }
        if left.role == Role::Device {
            self.notify_desktop(GatewayFrame::DeviceDisconnected {
                device_id: device_id.to_owned(),
                device_name: left.device_name.clone(),
            });
        }
    }

    /// A desktop of another node hears it there.
    fn notify_desktop(&self, notice: GatewayFrame) {
        let desktop = self.newest_desktop().filter(|_| self.device_notices).and_then(Member::outbox);
        if let Some(desktop) = desktop {
            desktop.offer_own(&notice);
        }
    }

    fn tell(&self, to: Address, letter: impl FnOnce() -> Letter) {
        if let Some(bus) = &self.bus {
            bus.tell(to, letter());
        }
    }
}

impl Member {
    fn outbox(&self) -> Option<&Outbox> {
        match &self.place {
            Place::Here(outbox) => Some(outbox),
            Place::There(_) => None,
        }
    }

    fn told(&self, device_id: &str) -> RemoteMember {
        RemoteMember {
            device_id: device_id.to_owned(),
            role: self.role,
            device_name: self.device_name.clone(),
            since: self.since,
        }
    }
}

fn ask(desktop: &Outbox, request_id: &str, request: PairingRequest) -> Result<(), Closing> {
    let forwarded = GatewayFrame::PairingRequest { request_id: request_id.to_owned(), request };
    if desktop.offer_own(&forwarded) == Offer::Taken { Ok(()) } else { Err(Closing::NoDesktop) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use hiro_protocol::gateway::closing::Closing;
    use hiro_protocol::gateway::pairing::{PairingAnswer, PairingOutcome, PairingRequest};

    use super::super::outbox::{Outbox, Outgoing};
    use super::super::room::Room;
    use super::super::settings::Limits;
    use super::super::target::Target;
    use super::{Duplicate, Hub, Identity, Pairings, Role};

    fn identity(role: Role, device_id: &str) -> Identity {
        Identity { role, device_id: device_id.to_owned(), device_name: None }
    }

    fn outbox() -> Outbox {
        Outbox::new(&Limits::default(), &Arc::new(Room::new(0, Arc::default())))
    }

    fn hub(max_pairings: usize) -> Hub {
        Hub::new(true, Pairings::new(max_pairings, 10), None)
    }

    fn join(hub: &mut Hub, role: Role, device_id: &str) -> Outbox {
        let outbox = outbox();
        let since = i64::try_from(hub.members.len()).unwrap();
        hub.join(&identity(role, device_id), &outbox, since).unwrap();
        outbox
    }

    fn text(outbox: &Outbox) -> Option<String> {
        match outbox.take()? {
            Outgoing::Text(text) => Some(text.to_string()),
            other => Some(format!("{other:?}")),
        }
    }

    fn request() -> PairingRequest {
        PairingRequest { pairing_code: "1".into(), device_public_key: "k".into(), device_name: None }
    }

    fn now() -> Instant {
        Instant::now()
    }

    fn approval(request_id: &str) -> PairingAnswer {
        let outcome = PairingOutcome::Approved { attestation: None, device_id: None };
        PairingAnswer { request_id: request_id.to_owned(), outcome }
    }

    #[test]
    fn both_roles_share_one_space_of_names() {
        let mut hub = hub(1);
        join(&mut hub, Role::Desktop, "a");
        let refused = hub.join(&identity(Role::Device, "a"), &outbox(), 1);
        assert_eq!(refused, Err(Duplicate));
    }

    #[test]
    fn the_newest_desktop_hears_of_devices_unless_notices_are_off() {
        for (notices, expected) in
            [(true, Some(r#"{"type":"device_connected","device_id":"phone"}"#.to_owned())), (false, None)]
        {
            let mut hub = Hub::new(notices, Pairings::new(1, 10), None);
            let (older, newer) =
                (join(&mut hub, Role::Desktop, "older"), join(&mut hub, Role::Desktop, "newer"));
            join(&mut hub, Role::Device, "phone");
            assert_eq!((text(&newer), text(&older)), (expected, None));
        }
    }

    #[test]
    fn when_the_newest_desktop_leaves_nobody_takes_its_place() {
        let mut hub = hub(1);
        join(&mut hub, Role::Desktop, "older");
        let newer = join(&mut hub, Role::Desktop, "newer");
        hub.leave("newer", &newer);
        assert!(hub.has_desktop());
        let client = outbox();
        assert_eq!(hub.begin_pairing("r", request(), &client, now()), Err(Closing::NoDesktop));
    }

    #[test]
    fn when_an_older_desktop_leaves_pairing_goes_on() {
        let mut hub = hub(1);
        let older = join(&mut hub, Role::Desktop, "older");
        let newer = join(&mut hub, Role::Desktop, "newer");
        hub.leave("older", &older);
        hub.begin_pairing("r", request(), &outbox(), now()).unwrap();
        assert!(text(&newer).unwrap().contains(r#""request_id":"r""#));
    }

    #[test]
    fn only_so_many_clients_may_wait_and_one_that_leaves_makes_room() {
        let mut hub = hub(1);
        join(&mut hub, Role::Desktop, "desktop");
        let client = outbox();
        hub.begin_pairing("one", request(), &client, now()).unwrap();
        assert_eq!(hub.begin_pairing("two", request(), &client, now()), Err(Closing::TooManyPairings));
        hub.end_pairing("one");
        hub.begin_pairing("two", request(), &client, now()).unwrap();
    }

    #[test]
    fn only_so_many_requests_are_passed_on_in_a_second_even_if_their_clients_leave_at_once() {
        let mut hub = Hub::new(true, Pairings::new(100, 2), None);
        let (desktop, client) = (join(&mut hub, Role::Desktop, "desktop"), outbox());
        let began = now();
        let mut ask = |millis| {
            let asked = hub.begin_pairing("r", request(), &client, began + Duration::from_millis(millis));
            hub.end_pairing("r");
            asked.is_ok()
        };
        assert_eq!([0, 500, 999, 1000, 1001].map(&mut ask), [true, true, false, true, false]);
        assert_eq!(std::iter::from_fn(|| text(&desktop)).count(), 3);
    }

    #[test]
    fn an_answer_reaches_its_client_once_and_then_nobody() {
        let mut hub = hub(1);
        join(&mut hub, Role::Desktop, "desktop");
        let client = outbox();
        hub.begin_pairing("r", request(), &client, now()).unwrap();
        hub.answer_pairing(approval("unknown"));
        hub.answer_pairing(approval("r"));
        hub.answer_pairing(approval("r"));
        assert_eq!(text(&client).unwrap(), r#"{"type":"pairing_pending","request_id":"r"}"#);
        assert_eq!(text(&client).unwrap(), r#"{"type":"pairing_response","status":"approved"}"#);
        assert_eq!(client.take(), Some(Outgoing::Close(Closing::PairingComplete)));
    }

    #[test]
    fn a_frame_for_one_reaches_also_its_sender_and_one_for_everyone_does_not() {
        let mut hub = hub(1);
        join(&mut hub, Role::Device, "a");
        join(&mut hub, Role::Device, "b");
        let count = |target: Target| hub.recipients("a", &target).here.len();
        assert_eq!(count(Target::Everyone), 1);
        assert_eq!(count(Target::One("a".to_owned())), 1);
        assert_eq!(count(Target::One("c".to_owned())), 0);
        assert_eq!(count(Target::Nobody), 0);
    }
}
