//! A workspace whose server is the published Python one, from a uv workspace: the same commands, the same rules, and files
//! that both sides read and write. It is the real one, but for
//! the libraries of its agent: see `python_server`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use hiro_testkit::{
    Lack, League, Output, PATIENCE, kill, python_of, python_server, taken_by_this_test, until, uv,
    uv_workspace, wine_lacks,
};
use serde_json::{Value, json};

const SERVER: &str = "server:default";

/// A league whose default workspace is run from a uv workspace. Its server has no gateway to go to.
struct Scene {
    league: League,
    root: PathBuf,
}

impl Scene {
    fn new() -> Self {
        Self::at(python_server())
    }

    fn at(root: PathBuf) -> Self {
        let league = League::new();
        fs::create_dir_all(league.home.data("hiro")).unwrap();
        let registry = format!("{{\"port_range_start\": {}}}", league.ports.first);
        fs::write(league.home.data("hiro").join("registry.json"), registry).unwrap();
        let scene = Self { league, root };
        let gateway = format!("ws://127.0.0.1:{}", scene.league.ports.first + 30);
        let root = scene.root.to_str().unwrap();
        let words = ["workspaces", "setup", "-g", &gateway, "--runtime", "uv", "--workspace-dir", root];
        scene.run(&words).success();
        scene
    }

    fn with_uv<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        // The environment is complete: nothing is fetched while a test runs.
        command.env("UV", uv()).env("UV_NO_SYNC", "1").env("UV_PYTHON_DOWNLOADS", "never")
    }

    fn run(&self, words: &[&str]) -> Output {
        Output::of(self.with_uv(&mut self.league.home.command("hiro", words)))
    }

    fn row(&self) -> Value {
        self.league.row(SERVER)
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.league.workspace().join(name)).unwrap()
    }

    fn status_over_http(&self) -> Value {
        let answer = get(self.league.port("http_port"), "/status");
        serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap()
    }
}

fn get(port: u16, path: &str) -> String {
    use std::io::{Read, Write};
    let mut socket = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(socket, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_python_server_is_started_seen_restarted_and_stopped_by_the_same_commands() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let scene = Scene::new();
    assert_eq!((&scene.row()["state"], &scene.row()["runtime"]), (&json!("stopped"), &json!("uv")));
    let started = scene.run(&["start"]);
    let row = scene.row();
    let pid = row["pid"].as_u64().unwrap();
    assert_eq!((&row["state"], &row["runtime"]), (&json!("ready"), &json!("uv")));
    let port = scene.league.port("http_port");
    let told = format!("Server started (PID {pid}). HTTP: http://127.0.0.1:{port}/status\n");
    assert_eq!(started.success(), told);
    assert_eq!(scene.status_over_http()["pid"], pid, "ready means that the port is open");
    assert_eq!(scene.file("hiro.pid"), pid.to_string(), "one line, as every version reads it");
    assert_eq!(scene.run(&["start"]).success(), format!("Server already running (PID {pid}).\n"));
    assert!(scene.run(&["metrics", "status"]).success().starts_with("enabled        false"));
    let restarted = scene.run(&["restart", "--metrics"]);
    assert!(scene.run(&["metrics", "status"]).success().starts_with("enabled        true"));
    let next = scene.row()["pid"].as_u64().unwrap();
    let told = format!("Server restarted (was PID {pid}, now PID {next}).\n");
    assert!(restarted.success().starts_with(&told), "{restarted:?}");
    assert_eq!(scene.status_over_http()["pid"], next);
    assert_eq!(scene.run(&["stop"]).success(), format!("Server stopped (was PID {next}).\n"));
    TcpListener::bind(("127.0.0.1", port)).unwrap();
    assert!(!scene.league.workspace().join("hiro.pid").exists());
    assert_eq!(scene.league.traces(), [""; 0]);
}

#[test]
fn a_killed_python_server_has_crashed_and_the_next_start_clears_it() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let scene = Scene::new();
    scene.run(&["start"]).success();
    let pid = scene.row()["pid"].as_u64().unwrap();
    kill(u32::try_from(pid).unwrap());
    scene.league.until_state(SERVER, "crashed");
    assert_eq!((&scene.row()["pid"], &scene.row()["last_pid"]), (&Value::Null, &json!(pid)));
    scene.run(&["start"]).success();
    assert_eq!(scene.row()["state"], "ready");
    scene.run(&["stop"]).success();
    assert_eq!(scene.league.traces(), [""; 0]);
}

#[test]
fn a_python_server_that_can_not_run_is_told_with_its_own_words() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    uv_workspace(folder.path());
    let scene = Scene::at(folder.path().to_owned());
    let mut start = scene.league.home.command("hiro", &["start"]);
    let refused = Output::of(scene.with_uv(&mut start).env_remove("UV_NO_SYNC"));
    assert!(refused.failure(1).contains("No module named 'hirocli'"), "{refused:?}");
    assert_eq!(scene.row()["state"], "crashed");
}

#[test]
fn a_port_that_a_stranger_has_is_told_before_any_python_server_is_spawned() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let scene = Scene::new();
    let port = scene.league.port("http_port");
    let _stranger = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let refused = scene.run(&["start"]);
    assert!(refused.failure(1).starts_with(&format!("error: {}", taken_by_this_test(port))), "{refused:?}");
    assert_eq!(scene.row()["state"], "stopped");
    assert!(!scene.league.workspace().join("stderr.log").exists());
}

#[test]
fn starts_of_a_python_server_at_once_give_one_process() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let scene = Scene::new();
    let begun: Vec<_> = (0..4)
        .map(|_| {
            let mut start = scene.league.home.command("hiro", &["start", "--json"]);
            scene.with_uv(&mut start).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let results: Vec<Value> = begun
        .into_iter()
        .map(|start| {
            let output = start.wait_with_output().unwrap();
            assert!(output.status.success(), "{output:?}");
            serde_json::from_slice(&output.stdout).unwrap()
        })
        .collect();
    let pid = &scene.row()["pid"];
    assert!(results.iter().all(|result| result["pid"] == *pid), "{results:?}");
    let new = results.iter().filter(|result| result["already_running"] == false).count();
    assert_eq!(new, 1, "{results:?}");
}

#[test]
fn a_workspace_changes_its_server_at_the_next_start_and_python_does_not_lose_the_choice() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let scene = Scene::new();
    scene.run(&["start"]).success();
    scene.run(&["workspaces", "update", "default", "--runtime", "native"]).success();
    assert_eq!(scene.row()["runtime"], "uv", "what runs goes on");
    scene.run(&["restart"]).success();
    assert_eq!((&scene.row()["runtime"], &scene.row()["state"]), (&json!("native"), &json!("ready")));
    scene.league.until_state("channel:default/echo", "ready");
    let root = scene.root.to_str().unwrap();
    let words = ["workspaces", "update", "default", "--runtime", "uv", "--workspace-dir", root];
    scene.run(&words).success();
    let environment = scene.league.home.command("hiro", &[] as &[&str]);
    let hiro = python_of(&scene.root).with_file_name("hiro");
    let mut python = Command::new(hiro);
    python.args(["workspaces", "setup", "--skip-autostart", "--non-interactive"]).env_clear();
    python.envs(environment.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Output::of(python.stdin(Stdio::null())).success();
    scene.run(&["restart"]).success();
    assert_eq!((&scene.row()["runtime"], &scene.row()["state"]), (&json!("uv"), &json!("ready")));
}

#[test]
fn a_python_server_in_the_foreground_is_seen_and_stopped_and_a_second_one_is_refused() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let scene = Scene::new();
    let mut foreground = scene.league.home.command("hiro", &["start", "-f"]);
    let foreground = scene.with_uv(&mut foreground).stdout(Stdio::null()).stderr(Stdio::null());
    let mut foreground = foreground.spawn().unwrap();
    scene.league.until_state(SERVER, "ready");
    assert_eq!(scene.row()["runtime"], "uv");
    let second = scene.run(&["start", "-f"]);
    assert!(second.failure(1).starts_with("error: already running (PID "), "{second:?}");
    assert!(scene.run(&["start"]).success().starts_with("Server already running (PID "));
    scene.run(&["stop"]).success();
    until("its end", PATIENCE, || foreground.try_wait().unwrap());
    assert_eq!(scene.row()["state"], "stopped");
}
