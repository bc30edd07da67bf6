//! The gateway under measurement: the real program in the foreground, with a data folder and a key of its own.

use std::ffi::OsString;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use hiro_protocol::keys::SecretKey;
use hiro_testkit::{program, until};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Subject {
    pub(crate) address: SocketAddr,
    pub(crate) desktop: SecretKey,
    process: Child,
    _home: TempDir,
}

impl Subject {
    /// The `hirogate` that was built beside the benchmark.
    pub(crate) fn native() -> anyhow::Result<Self> {
        Self::start(&[program("hirogate").into_os_string()])
    }

    /// `place` is the Python package's `hirogate`, or a uv workspace that has it.
    pub(crate) fn python(place: &Path) -> anyhow::Result<Self> {
        if !place.is_dir() {
            return Self::start(&[place.into()]);
        }
        let words = ["uv", "run", "--directory"].map(OsString::from).into_iter();
        let module = ["python", "-m", "hirogateway.main"].map(OsString::from);
        Self::start(&words.chain([place.into()]).chain(module).collect::<Vec<_>>())
    }

    fn start(hirogate: &[OsString]) -> anyhow::Result<Self> {
        let (home, desktop) = (tempfile::tempdir()?, SecretKey::generate());
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let command = |words: &[&str]| {
            let mut command = Command::new(&hirogate[0]);
            command.args(&hirogate[1..]).args(words).stdin(Stdio::null());
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command.envs(["XDG_DATA_HOME", "WIN_PD_OVERRIDE_LOCAL_APPDATA"].map(|name| (name, home.path())));
            command
        };
        let (port, key) = (address.port().to_string(), desktop.public_key().to_base64());
        let create = ["instance", "create", "bench", "--desktop-pubkey", &key, "--port", &port];
        let created = command(&create).args(["--host", "127.0.0.1", "--skip-autostart"]).status()?;
        anyhow::ensure!(created.success(), "`instance create` of {hirogate:?} failed");
        let process = command(&["start", "--instance", "bench", "--foreground"]).spawn();
        let process = process.context("the gateway starts")?;
        until("the gateway listens", PATIENCE, || TcpStream::connect(address).ok());
        Ok(Self { address, desktop, process, _home: home })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        // It was started here and has nothing to lose.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
