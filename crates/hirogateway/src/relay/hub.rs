//! Who is connected, who is paired at the moment, and who gets what.
//!
//! No sockets, no clock, no waiting: everything is decided at once and put into the outboxes of those concerned.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use hiro_protocol::gateway::closing::Closing;
use hiro_protocol::gateway::pairing::{PairingAnswer, PairingRequest};
use hiro_protocol::gateway::server::GatewayFrame;

use super::outbox::{Offer, Outbox};
use super::target::Target;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

pub(super) struct Hub {
    members: HashMap<String, Member>,
    /// The last desktop to log in. When it leaves there is none, even if an older one is still on.
    newest_desktop: Option<String>,
    pairings: HashMap<String, Outbox>,
    device_notices: bool,
    max_pairings: usize,
    /// When the last ones of those that one second may have were passed on.
    pairing_times: VecDeque<Instant>,
    pairings_per_second: usize,
}

struct Member {
    role: Role,
    outbox: Outbox,
}

impl Hub {
    pub(super) fn new(device_notices: bool, max_pairings: usize, pairings_per_second: usize) -> Self {
        Self {
            members: HashMap::new(),
            newest_desktop: None,
            pairings: HashMap::new(),
            device_notices,
            max_pairings,
            pairing_times: VecDeque::new(),
            pairings_per_second,
        }
    }

    /// Lets a peer in, unless its name is taken.
    pub(super) fn join(&mut self, identity: &Identity, outbox: &Outbox) -> Result<(), Duplicate> {
        if self.members.contains_key(&identity.device_id) {
            return Err(Duplicate);
        }
        let member = Member { role: identity.role, outbox: outbox.clone() };
        self.members.insert(identity.device_id.clone(), member);
        match identity.role {
            Role::Desktop => self.newest_desktop = Some(identity.device_id.clone()),
            Role::Device => self.notify_desktop(identity, |device_id, device_name| {
                GatewayFrame::DeviceConnected { device_id, device_name }
            }),
        }
        Ok(())
    }

    /// Strikes out a peer that [`Hub::join`] let in.
    pub(super) fn leave(&mut self, identity: &Identity) {
        self.members.remove(&identity.device_id);
        if self.newest_desktop.as_ref() == Some(&identity.device_id) {
            self.newest_desktop = None;
        }
        if identity.role == Role::Device {
            self.notify_desktop(identity, |device_id, device_name| GatewayFrame::DeviceDisconnected {
                device_id,
                device_name,
            });
        }
    }

    pub(super) fn has_desktop(&self) -> bool {
        self.members.values().any(|member| member.role == Role::Desktop)
    }

    /// Whoever gets a frame of `sender` for `target`.
    pub(super) fn recipients(&self, sender: &str, target: &Target) -> Vec<Outbox> {
        let outbox = |member: &Member| member.outbox.clone();
        match target {
            Target::Everyone => {
                let others = self.members.iter().filter(|(device_id, _)| *device_id != sender);
                others.map(|(_, member)| outbox(member)).collect()
            }
            Target::One(device_id) => self.members.get(device_id).map(outbox).into_iter().collect(),
            Target::Nobody => Vec::new(),
        }
    }

    /// Passes a client's request on to the newest desktop. One whose queue is full can't answer either.
    pub(super) fn begin_pairing(
        &mut self,
        request_id: &str,
        request: PairingRequest,
        client: &Outbox,
        now: Instant,
    ) -> Result<(), Closing> {
        let desktop = self.newest_desktop().ok_or(Closing::NoDesktop)?.clone();
        if self.pairings.len() >= self.max_pairings || !self.has_time_for_pairing(now) {
            return Err(Closing::TooManyPairings);
        }
        let request_id = request_id.to_owned();
        let forwarded = GatewayFrame::PairingRequest { request_id: request_id.clone(), request };
        if desktop.offer_own(&forwarded) != Offer::Taken {
            return Err(Closing::NoDesktop);
        }
        client.offer_own(&GatewayFrame::PairingPending { request_id: request_id.clone() });
        self.pairings.insert(request_id, client.clone());
        self.pairing_times.push_back(now);
        Ok(())
    }

    /// Whoever guesses codes must not get through many of them while one holds.
    fn has_time_for_pairing(&mut self, now: Instant) -> bool {
        while self.pairing_times.front().is_some_and(|time| now >= *time + Duration::from_secs(1)) {
            self.pairing_times.pop_front();
        }
        self.pairing_times.len() < self.pairings_per_second
    }

    /// Passes a desktop's answer on to the client and lets it go. An answer to a client that has left, or to nobody,
    /// concerns no one.
    pub(super) fn answer_pairing(&mut self, answer: PairingAnswer) {
        if let Some(client) = self.pairings.remove(&answer.request_id) {
            client.offer_own(&GatewayFrame::PairingResponse(answer.outcome));
            client.close(Closing::PairingComplete);
        }
    }

    /// Forgets a request whose client is gone.
    pub(super) fn end_pairing(&mut self, request_id: &str) {
        self.pairings.remove(request_id);
    }

    fn newest_desktop(&self) -> Option<&Outbox> {
        let device_id = self.newest_desktop.as_ref()?;
        self.members.get(device_id).map(|member| &member.outbox)
    }

    fn notify_desktop(&self, device: &Identity, notice: fn(String, Option<String>) -> GatewayFrame) {
        if let Some(desktop) = self.newest_desktop().filter(|_| self.device_notices) {
            desktop.offer_own(&notice(device.device_id.clone(), device.device_name.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use hiro_protocol::gateway::closing::Closing;
    use hiro_protocol::gateway::pairing::{PairingAnswer, PairingOutcome, PairingRequest};

    use super::super::outbox::{Outbox, Outgoing};
    use super::super::target::Target;
    use super::{Duplicate, Hub, Identity, Role};

    fn identity(role: Role, device_id: &str) -> Identity {
        Identity { role, device_id: device_id.to_owned(), device_name: None }
    }

    fn join(hub: &mut Hub, role: Role, device_id: &str) -> Outbox {
        let outbox = Outbox::new(10, 10_000);
        hub.join(&identity(role, device_id), &outbox).unwrap();
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
        let mut hub = Hub::new(true, 1, 10);
        join(&mut hub, Role::Desktop, "a");
        let refused = hub.join(&identity(Role::Device, "a"), &Outbox::new(10, 10_000));
        assert_eq!(refused, Err(Duplicate));
    }

    #[test]
    fn the_newest_desktop_hears_of_devices_unless_notices_are_off() {
        for (notices, expected) in
            [(true, Some(r#"{"type":"device_connected","device_id":"phone"}"#.to_owned())), (false, None)]
        {
            let mut hub = Hub::new(notices, 1, 10);
            let (older, newer) =
                (join(&mut hub, Role::Desktop, "older"), join(&mut hub, Role::Desktop, "newer"));
            join(&mut hub, Role::Device, "phone");
            assert_eq!((text(&newer), text(&older)), (expected, None));
        }
    }

    #[test]
    fn when_the_newest_desktop_leaves_nobody_takes_its_place() {
        let mut hub = Hub::new(true, 1, 10);
        join(&mut hub, Role::Desktop, "older");
        join(&mut hub, Role::Desktop, "newer");
        hub.leave(&identity(Role::Desktop, "newer"));
        assert!(hub.has_desktop());
        let client = Outbox::new(10, 10_000);
        assert_eq!(hub.begin_pairing("r", request(), &client, now()), Err(Closing::NoDesktop));
    }

    #[test]
    fn when_an_older_desktop_leaves_pairing_goes_on() {
        let mut hub = Hub::new(true, 1, 10);
        join(&mut hub, Role::Desktop, "older");
        let newer = join(&mut hub, Role::Desktop, "newer");
        hub.leave(&identity(Role::Desktop, "older"));
        hub.begin_pairing("r", request(), &Outbox::new(10, 10_000), now()).unwrap();
        assert!(text(&newer).unwrap().contains(r#""request_id":"r""#));
    }

    #[test]
    fn only_so_many_clients_may_wait_and_one_that_leaves_makes_room() {
        let mut hub = Hub::new(true, 1, 10);
        join(&mut hub, Role::Desktop, "desktop");
        let client = Outbox::new(10, 10_000);
        hub.begin_pairing("one", request(), &client, now()).unwrap();
        assert_eq!(hub.begin_pairing("two", request(), &client, now()), Err(Closing::TooManyPairings));
        hub.end_pairing("one");
        hub.begin_pairing("two", request(), &client, now()).unwrap();
    }

    #[test]
    fn only_so_many_requests_are_passed_on_in_a_second_even_if_their_clients_leave_at_once() {
        let mut hub = Hub::new(true, 100, 2);
        let (desktop, client) = (join(&mut hub, Role::Desktop, "desktop"), Outbox::new(10, 10_000));
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
        let mut hub = Hub::new(true, 1, 10);
        join(&mut hub, Role::Desktop, "desktop");
        let client = Outbox::new(10, 10_000);
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
        let mut hub = Hub::new(true, 1, 10);
        join(&mut hub, Role::Device, "a");
        join(&mut hub, Role::Device, "b");
        let count = |target: Target| hub.recipients("a", &target).len();
        assert_eq!(count(Target::Everyone), 1);
        assert_eq!(count(Target::One("a".to_owned())), 1);
        assert_eq!(count(Target::One("c".to_owned())), 0);
        assert_eq!(count(Target::Nobody), 0);
    }
}
