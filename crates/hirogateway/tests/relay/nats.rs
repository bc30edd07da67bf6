//! A real NATS server for one test, on a port of its own.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hirogateway::relay::BusSettings;

use crate::until::until;

/// Where Debian puts it, which is not on everybody's `PATH`.
const DEBIAN: &str = "/usr/sbin/nats-server";

pub(crate) struct Nats {
    port: u16,
    server: Option<Child>,
}

impl Nats {
    /// A port for a server that does not run yet.
    pub(crate) fn planned() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        Self { port: listener.local_addr().expect("its address").port(), server: None }
    }

    pub(crate) async fn started() -> Self {
        let mut nats = Self::planned();
        nats.start().await;
        nats
    }

    pub(crate) async fn start(&mut self) {
        let program = if std::path::Path::new(DEBIAN).is_file() { DEBIAN } else { "nats-server" };
        let mut command = Command::new(program);
        command.args(["-a", "127.0.0.1", "-p", &self.port.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = command.spawn().expect("`nats-server`, from Debian's package of that name, say");
        self.server = Some(server);
        let port = self.port;
        until("the NATS server to listen", async || TcpStream::connect(("127.0.0.1", port)).ok()).await;
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().expect("a process of the test's own");
            server.wait().expect("its end");
        }
    }

    /// Settings that are quick to find each other.
    pub(crate) fn settings(&self) -> BusSettings {
        let mut settings =
            BusSettings::new(format!("nats://127.0.0.1:{}", self.port).parse().expect("an address"));
        settings.beat = Duration::from_millis(100);
        settings
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}
