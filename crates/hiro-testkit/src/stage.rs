//! A test's own folder and its own loopback socket, to which every puppet that it starts connects.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use hiro_process::{Instance, Launch};
use tempfile::TempDir;

use crate::programs::program;
use crate::puppet;
use crate::until::{PATIENCE, until};

/// One test's place. When it is dropped every puppet loses its socket and ends.
#[derive(Debug)]
pub struct Stage {
    folder: TempDir,
    listener: TcpListener,
    waiting: RefCell<Vec<PuppetHandle>>,
}

/// A live puppet as its test sees it.
#[derive(Debug)]
pub struct PuppetHandle {
    /// The name that it was given.
    pub name: String,
    /// Its own PID, as it reports it.
    pub pid: u32,
    socket: BufReader<TcpStream>,
}

impl Stage {
    /// An empty folder and a fresh socket.
    ///
    /// # Panics
    /// Where the machine gives neither.
    #[must_use]
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        listener.set_nonblocking(true).expect("a socket that can be asked");
        let folder = tempfile::Builder::new().prefix("hiro test ").tempdir().expect("a temporary folder");
        Self { folder, listener, waiting: RefCell::default() }
    }

    /// The test's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// An instance in a folder of its own.
    ///
    /// # Panics
    /// Never: the path has a folder and a name.
    #[must_use]
    pub fn instance(&self, name: &str) -> Instance {
        Instance::new(self.folder().join(name).join("gateway.pid")).expect("a path with a folder and a name")
    }

    /// The variable that leads a puppet to this stage.
    ///
    /// # Panics
    /// Never: the socket is bound.
    #[must_use]
    pub fn variable(&self) -> (&'static str, String) {
        (puppet::ADDRESS, self.listener.local_addr().expect("a bound socket").to_string())
    }

    /// A launch of a puppet that carries out `script` before it takes commands.
    #[must_use]
    pub fn launch(&self, instance: &Instance, script: &[&str]) -> Launch {
        let (name, value) = self.variable();
        Launch::native(program("puppet"), instance.stderr_log()).args(script).variable(name, value)
    }

    /// A launch of a puppet that announces itself and is ready at once.
    #[must_use]
    pub fn ready_launch(&self, instance: &Instance) -> Launch {
        self.launch(instance, &[&announce(instance), "ready"])
    }

    /// Runs a puppet as a plain child of the test: a stranger to every instance.
    ///
    /// # Panics
    /// Where it can't be run.
    #[must_use]
    pub fn stranger(&self, script: &[&str]) -> Child {
        let (name, value) = self.variable();
        let mut command = Command::new(program("puppet"));
        command.args(script).env(name, value).stdin(Stdio::null());
        command.spawn().expect("the puppet runs")
    }

    /// The next puppet of that name, once it has reported.
    ///
    /// # Panics
    /// When none comes in time.
    #[must_use]
    pub fn puppet(&self, name: &str) -> PuppetHandle {
        until(&format!("a puppet `{name}`"), PATIENCE, || {
            let mut waiting = self.waiting.borrow_mut();
            while let Ok((socket, _)) = self.listener.accept() {
                waiting.push(PuppetHandle::greet(socket));
            }
            let place = waiting.iter().position(|puppet| puppet.name == name)?;
            Some(waiting.remove(place))
        })
    }

    /// The PIDs of all puppets that have connected so far and still answer.
    #[must_use]
    pub fn living(&self) -> Vec<u32> {
        let mut waiting = self.waiting.borrow_mut();
        while let Ok((socket, _)) = self.listener.accept() {
            waiting.push(PuppetHandle::greet(socket));
        }
        waiting.retain_mut(|puppet| puppet.try_tell("ping").is_some());
        waiting.iter().map(|puppet| puppet.pid).collect()
    }

    /// The path of a file in the test's folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

/// The command with which a puppet announces itself as `instance`.
#[must_use]
pub fn announce(instance: &Instance) -> String {
    format!("announce {}", instance.pid_file().display())
}

impl PuppetHandle {
    fn greet(socket: TcpStream) -> Self {
        socket.set_nonblocking(false).expect("a socket that blocks");
        socket.set_read_timeout(Some(PATIENCE)).expect("a socket with patience");
        let mut socket = BufReader::new(socket);
        let mut hello = String::new();
        // A puppet may have ended before it could say its name.
        let _ = socket.read_line(&mut hello);
        let (pid, name) = hello.trim_end().split_once(' ').unwrap_or(("0", ""));
        Self { name: name.to_owned(), pid: pid.parse().unwrap_or_default(), socket }
    }

    /// Gives a command and returns the answer.
    ///
    /// # Panics
    /// Where the puppet is dead.
    pub fn tell(&mut self, command: &str) -> String {
        self.try_tell(command)
            .unwrap_or_else(|| panic!("puppet `{}` is dead, not told `{command}`", self.name))
    }

    /// Gives a command; no answer comes from a puppet that is dead or that ends by it.
    pub fn try_tell(&mut self, command: &str) -> Option<String> {
        self.socket.get_mut().write_all(format!("{command}\n").as_bytes()).ok()?;
        let mut answer = String::new();
        (self.socket.read_line(&mut answer).ok()? > 0).then(|| answer.trim_end().to_owned())
    }

    /// Whether it answers.
    pub fn lives(&mut self) -> bool {
        self.try_tell("ping").as_deref() == Some("pong")
    }

    /// Waits for its end, as the end of its socket proves it.
    ///
    /// # Panics
    /// Where it lives on.
    pub fn wait_for_end(&mut self) {
        let mut rest = String::new();
        loop {
            rest.clear();
            match self.socket.read_line(&mut rest) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return,
                Err(error) => panic!("puppet `{}` (PID {}) lives on: {error}", self.name, self.pid),
            }
        }
    }

    /// Sets how long an answer may take: for a puppet that is suspended.
    ///
    /// # Panics
    /// For a patience of zero.
    pub fn patience(&mut self, patience: Duration) {
        self.socket.get_mut().set_read_timeout(Some(patience)).expect("a patience above zero");
    }
}
