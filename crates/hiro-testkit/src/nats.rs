//! A real `nats-server` on loopback, for gateways of several nodes.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::ports::free_port;
use crate::until::{PATIENCE, until};

/// Where Debian puts it, which is not on everybody's `PATH`.
const DEBIAN: &str = "/usr/sbin/nats-server";

/// A server that ends with its test, and keeps its port when it is started again.
#[derive(Debug)]
pub struct Nats {
    port: u16,
    server: Option<Child>,
}

impl Nats {
    /// A port for a server that does not run yet.
    ///
    /// # Panics
    /// Where no port is left.
    #[must_use]
    pub fn planned() -> Self {
        Self { port: free_port(), server: None }
    }

    /// A server that listens.
    ///
    /// # Panics
    /// Where there is no `nats-server`, or it does not listen.
    #[must_use]
    pub fn started() -> Self {
        let mut nats = Self::planned();
        nats.start();
        nats
    }

    /// Starts the server and waits until it listens.
    ///
    /// # Panics
    /// Where there is no `nats-server`, or it does not listen.
    pub fn start(&mut self) {
        let program = if Path::new(DEBIAN).is_file() { DEBIAN } else { "nats-server" };
        let mut command = Command::new(program);
        command.args(["-a", "127.0.0.1", "-p", &self.port.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.server = Some(command.spawn().expect("`nats-server`, from Debian's package of that name, say"));
        let address = ("127.0.0.1", self.port);
        until("the NATS server to listen", PATIENCE, || TcpStream::connect(address).ok());
    }

    /// Kills the server, if it runs.
    ///
    /// # Panics
    /// Where that fails.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().expect("a process of the test's own");
            server.wait().expect("its end");
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}
