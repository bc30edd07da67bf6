//! A gateway under test: ours as a user starts it, or a published one, from the same instance on disk.

use std::fs::File;

use hiro_protocol::attestation::{Attestation, DEFAULT_VALIDITY};
use hiro_protocol::keys::SecretKey;
use hiro_testkit::{Home, PATIENCE, free_port, until};
use jiff::Timestamp;

use crate::peer::Peer;
use crate::published::{Running, module};

/// Who plays the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Maker {
    Ours,
    Published(&'static str),
}

impl Maker {
    /// The 0.1 versions don't tell the desktop who comes and goes.
    pub(crate) fn gives_notice(self) -> bool {
        self != Self::Published("0.1.3")
    }
}

/// A gateway that listens, and the keys that it trusts.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) maker: Maker,
    pub(crate) port: u16,
    pub(crate) desktop: SecretKey,
    pub(crate) device: SecretKey,
    /// When its attestations were issued.
    pub(crate) now: Timestamp,
    // Ends before its home does.
    process: Option<Running>,
    home: Home,
}

impl Gateway {
    pub(crate) fn start(maker: Maker) -> Self {
        let (home, port, desktop) = (Home::new(), free_port(), SecretKey::generate());
        create(&home, port, &desktop);
        let (device, now) = (SecretKey::generate(), Timestamp::now());
        let mut gateway = Self { maker, port, desktop, device, now, process: None, home };
        gateway.begin();
        gateway
    }

    /// Lets it listen again after [`Gateway::stop`].
    pub(crate) fn begin(&mut self) {
        match self.maker {
            Maker::Ours => _ = self.home.run("hirogate", &["start"]).success(),
            Maker::Published(version) => self.process = Some(published(version, &self.home)),
        }
        until("the gateway to listen", PATIENCE, || Peer::try_open(self.port)).leave();
    }

    pub(crate) fn stop(&mut self) {
        match self.maker {
            Maker::Ours => _ = self.home.run("hirogate", &["stop"]).success(),
            Maker::Published(_) => self.process = None,
        }
    }

    pub(crate) fn attest(&self, device_id: &str) -> Attestation {
        Attestation::issue(&self.desktop, device_id, &self.device.public_key(), self.now, DEFAULT_VALIDITY)
    }
}

/// The instance that either of them reads.
fn create(home: &Home, port: u16, desktop: &SecretKey) {
    let (key, port) = (desktop.public_key().to_base64(), port.to_string());
    let words = ["instance", "create", "home", "--desktop-pubkey", &key, "--port", &port];
    home.run("hirogate", &words).success();
}

fn published(version: &str, home: &Home) -> Running {
    let mut command = module(version, "hirogateway.main");
    command.args(["start", "--instance", "home", "--foreground"]).current_dir(home.folder());
    command.env("HOME", home.folder()).env("XDG_DATA_HOME", home.folder().join("data"));
    command.env("WIN_PD_OVERRIDE_LOCAL_APPDATA", home.folder().join("data"));
    let log = File::create(home.folder().join("published.log")).expect("a file of the test's own");
    command.stderr(log.try_clone().expect("a second handle")).stdout(log);
    Running::start(&mut command)
}
