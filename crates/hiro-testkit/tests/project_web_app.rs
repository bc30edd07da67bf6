//! The example `examples/web-app`, as its README has it: a real Redis, a worker and a web app in Python under uv.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use hiro_testkit::{League, Output, PATIENCE, copy_tree, kill, until, uv};

/// The example in a test's home, on ports of its own.
struct Example {
    league: League,
    folder: PathBuf,
    redis: u16,
    web: u16,
}

impl Example {
    fn new() -> Self {
        let league = League::new();
        let folder = league.home.folder().join("web-app");
        copy_tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/web-app"), &folder);
        // Beyond those that the league itself takes.
        let (redis, web) = (league.ports.first + 30, league.ports.first + 31);
        Self { league, folder, redis, web }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.league.home.command("hiro", words);
        command.current_dir(&self.folder).env("UV", uv()).env("UV_PYTHON_DOWNLOADS", "never");
        command.env("REDIS_PORT", self.redis.to_string()).env("WEB_PORT", self.web.to_string());
        command
    }

    /// The status and the body of an answer of the web app.
    fn get(&self, path: &str) -> (String, String) {
        let mut socket = TcpStream::connect(("127.0.0.1", self.web)).unwrap();
        write!(socket, "GET {path} HTTP/1.0\r\n\r\n").unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned())
    }
}

#[test]
fn project_web_app_comes_up_and_goes_down() {
    let example = Example::new();
    let league = &example.league;
    let ports = league.ports.first.to_string();
    let up = Output::of(&mut example.command(&["up", "--ports-from", &ports]));
    assert!(up.success().contains("service:default/worker"), "{up:?}");
    let names = ["db", "worker", "web"].map(|name| format!("service:default/{name}"));
    for name in &names {
        assert_eq!(league.state(name), "ready", "{name}");
    }
    assert_eq!(league.row(&names[1])["runtime"], "uv");
    assert_eq!(example.get("/shout?text=hello"), ("200".to_owned(), "HELLO\n".to_owned()));

    let worker = league.process(&names[1]);
    kill(worker.pid.get());
    let again = until("another worker", PATIENCE, || {
        let row = league.row(&names[1]);
        let pid = row["pid"].as_u64().filter(|pid| *pid != u64::from(worker.pid.get()))?;
        (row["state"] == "ready").then_some(pid)
    });
    assert_ne!(again, u64::from(worker.pid.get()));
    assert_eq!(example.get("/shout?text=again"), ("200".to_owned(), "AGAIN\n".to_owned()));

    let down = Output::of(&mut example.command(&["down"]));
    let stopped: Vec<&str> =
        down.success().lines().filter_map(|line| line.split(" stopped").next()).collect();
    assert_eq!(&stopped[..3], ["service:default/web", "service:default/worker", "service:default/db"]);
    assert_eq!(league.traces(), [""; 0]);
    for port in [example.redis, example.web] {
        assert!(TcpListener::bind(("127.0.0.1", port)).is_ok(), "port {port} is free again");
    }
}
