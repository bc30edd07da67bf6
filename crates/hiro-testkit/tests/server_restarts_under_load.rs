//! A server that restarts itself while a device talks: what was acknowledged is answered, too.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

#[path = "../benches/league/device.rs"]
mod device;

use std::collections::BTreeSet;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hiro_testkit::{League, PATIENCE, until};
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket};

use device::Told;

const SERVER: &str = "server:default";

/// So many messages are on their way at a time.
const IN_FLIGHT: usize = 32;

/// A message that is not acknowledged for so long was not taken: there is no server at the moment.
const LOST_AFTER: Duration = Duration::from_millis(300);

/// A device that talks all the time, and what it has heard.
struct Device {
    socket: WebSocket<TcpStream>,
    said: u64,
    open: BTreeSet<u64>,
    acknowledged: BTreeSet<u64>,
    echoed: BTreeSet<u64>,
    heard_last: Instant,
}

impl Device {
    fn log_in(league: &League) -> Self {
        let mut socket = device::log_in(league);
        socket.get_mut().set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        Self {
            socket,
            said: 0,
            open: BTreeSet::new(),
            acknowledged: BTreeSet::new(),
            echoed: BTreeSet::new(),
            heard_last: Instant::now(),
        }
    }

    /// Keeps talking and listening until `enough`.
    fn talk_until(&mut self, mut enough: impl FnMut(&Self) -> bool) {
        let begun = Instant::now();
        while !enough(self) {
            assert!(
                begun.elapsed() < PATIENCE,
                "{} said, {} acknowledged",
                self.said,
                self.acknowledged.len()
            );
            if self.heard_last.elapsed() > LOST_AFTER {
                self.open.clear();
            }
            while self.open.len() < IN_FLIGHT {
                self.say();
            }
            self.hear();
        }
    }

    fn say(&mut self) {
        self.said += 1;
        self.socket.send(device::message(self.said)).unwrap();
        self.open.insert(self.said);
    }

    /// Takes one frame, if there is one.
    fn hear(&mut self) {
        let text = match self.socket.read() {
            Ok(Message::Text(text)) => text,
            Ok(_) => return,
            Err(Error::Io(error)) if is_pause(&error) => return,
            Err(error) => panic!("the gateway has gone: {error}"),
        };
        self.heard_last = Instant::now();
        match device::told(&text) {
            Told::Acknowledged(number) => {
                self.open.remove(&number);
                self.acknowledged.insert(number);
            }
            Told::Echoed(number) => drop(self.echoed.insert(number)),
            Told::Other => {}
        }
    }

    fn unanswered(&self) -> Vec<u64> {
        self.acknowledged.difference(&self.echoed).copied().collect()
    }
}

fn is_pause(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}

#[test]
fn every_message_that_is_acknowledged_around_a_restart_is_answered() {
    let restarts: u32 = std::env::var("HIRO_STRESS_ROUNDS").map_or(3, |rounds| rounds.parse().unwrap());
    let league = League::that_is_up();
    let mut device = Device::log_in(&league);
    for _ in 0..restarts {
        let (server, acknowledged) = (league.process(SERVER), device.acknowledged.len());
        device.talk_until(|device| device.acknowledged.len() >= acknowledged + 200);
        let ready = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                assert!(league.post("/_restart", "{}").contains("restarting"));
                until("the successor to be ready", PATIENCE, || {
                    let row = league.row(SERVER);
                    (row["state"] == "ready" && row["pid"] != server.pid.get()).then_some(())
                });
                ready.store(true, Ordering::Release);
            });
            device.talk_until(|_| ready.load(Ordering::Acquire));
        });
        let acknowledged = device.acknowledged.len();
        device.talk_until(|device| device.acknowledged.len() >= acknowledged + 200);
    }
    until("an answer to everything that was acknowledged", PATIENCE, || {
        device.hear();
        (device.unanswered().is_empty()).then_some(())
    });
}
