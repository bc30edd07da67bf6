//! A whole league in a home of its own: what the tests of `hiro` do with it, and how they look at it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

use hiro_process::{Identity, Instance, Pid};
use serde_json::Value;

use super::{Home, Output};
use crate::ports::Ports;
use crate::processes::processes_concerned_with;
use crate::until::{PATIENCE, until};

/// A home, and ports that no other test uses.
#[derive(Debug)]
pub struct League {
    /// The home.
    pub home: Home,
    /// The ports.
    pub ports: Ports,
}

impl League {
    /// Nothing is there yet.
    #[must_use]
    pub fn new() -> Self {
        Self { home: Home::new(), ports: Ports::reserve() }
    }

    /// A league that is up.
    ///
    /// # Panics
    /// Where it does not come up.
    #[must_use]
    pub fn that_is_up() -> Self {
        let league = Self::new();
        league.up().success();
        league
    }

    /// Runs `hiro` with `words`.
    #[must_use]
    pub fn hiro(&self, words: &[&str]) -> Output {
        self.home.run("hiro", words)
    }

    /// Runs `hiro up`, on the ports of this test.
    #[must_use]
    pub fn up(&self) -> Output {
        self.hiro(&["up", "--ports-from", &self.ports.first.to_string()])
    }

    /// Every row of the status.
    ///
    /// # Panics
    /// Where it isn't JSON.
    #[must_use]
    pub fn rows(&self) -> Vec<Value> {
        let output = self.hiro(&["status", "--json"]);
        let status: Value = serde_json::from_str(&output.stdout).expect("the status is JSON");
        status["instances"].as_array().expect("the status has rows").clone()
    }

    /// The row of one instance.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn row(&self, name: &str) -> Value {
        let found = self.rows().into_iter().find(|row| row["name"] == name);
        found.unwrap_or_else(|| panic!("no row `{name}`"))
    }

    /// The state of one instance.
    #[must_use]
    pub fn state(&self, name: &str) -> String {
        self.row(name)["state"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an instance is in `state`.
    ///
    /// # Panics
    /// Where it doesn't get there.
    pub fn until_state(&self, name: &str, state: &str) {
        until(&format!("`{name}` to be {state}"), PATIENCE, || (self.state(name) == state).then_some(()));
    }

    /// The process of one instance.
    ///
    /// # Panics
    /// Where it does not run.
    #[must_use]
    pub fn process(&self, name: &str) -> Identity {
        let pid = self.row(name)["pid"].as_u64().unwrap_or_else(|| panic!("`{name}` does not run"));
        let pid = u32::try_from(pid).ok().and_then(|pid| Pid::try_from(pid).ok()).expect("a PID");
        Identity::of(pid).expect("a process of this user").expect("a live process")
    }

    /// The process of every instance that runs, by the names of the instances.
    #[must_use]
    pub fn processes(&self) -> Vec<(String, u64)> {
        let row = |row: &Value| Some((row["name"].as_str()?.to_owned(), row["pid"].as_u64()?));
        self.rows().iter().filter_map(row).collect()
    }

    /// The folder of the default workspace.
    #[must_use]
    pub fn workspace(&self) -> PathBuf {
        self.home.data("hiro").join("workspaces/default")
    }

    /// The instance of a channel of the default workspace.
    ///
    /// # Panics
    /// Never: the path has a folder and a name.
    #[must_use]
    pub fn channel(&self, name: &str) -> Instance {
        let pid_file = self.workspace().join(format!("channels/{name}.pid"));
        Instance::new(pid_file).expect("a path with a folder and a name")
    }

    /// The configuration of the default workspace.
    ///
    /// # Panics
    /// Where there is none.
    #[must_use]
    pub fn config(&self) -> Value {
        let text = std::fs::read(self.workspace().join("config.json")).expect("a configuration");
        serde_json::from_slice(&text).expect("JSON")
    }

    /// One of the ports in the configuration of the default workspace.
    ///
    /// # Panics
    /// Where it isn't there.
    #[must_use]
    pub fn port(&self, key: &str) -> u16 {
        self.config()[key].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port")
    }

    /// The command lines of all live processes that have something to do with this home.
    #[must_use]
    pub fn traces(&self) -> Vec<String> {
        processes_concerned_with(&self.home.folder().display().to_string())
    }

    /// The token of the HTTP API of the default workspace's server.
    ///
    /// # Panics
    /// Where no server has ever been ready.
    #[must_use]
    pub fn api_token(&self) -> String {
        std::fs::read_to_string(self.workspace().join("api_token")).expect("a token")
    }

    /// Sends a request to the server of the default workspace, with the token of its API, and returns the answer.
    ///
    /// # Panics
    /// Where nobody answers.
    #[must_use]
    pub fn post(&self, path: &str, body: &str) -> String {
        self.ask(&format!("POST {path}"), &[&format!("Authorization: Bearer {}", self.api_token())], body)
    }

    /// The same, to read something.
    ///
    /// # Panics
    /// Where nobody answers.
    #[must_use]
    pub fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path}"), &[&format!("Authorization: Bearer {}", self.api_token())], "")
    }

    /// Sends what `call` says, `POST /_shutdown` say, to the server of the default workspace with these headers and no
    /// token of its own, and returns the answer.
    ///
    /// # Panics
    /// Where nobody answers.
    #[must_use]
    pub fn ask(&self, call: &str, headers: &[&str], body: &str) -> String {
        let port = self.port("http_port");
        let mut socket = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
        let (headers, length) = (headers.iter().map(|header| format!("{header}\r\n")), body.len());
        let request = format!(
            "{call} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{}Content-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}",
            headers.collect::<String>()
        );
        socket.write_all(request.as_bytes()).expect("the server reads");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("the server answers");
        answer
    }
}

impl Default for League {
    fn default() -> Self {
        Self::new()
    }
}
