//! An instance whose work the published Python gateway does, from a uv workspace: the same commands, the same rules, and
//! files that both sides read and write.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use hiro_testkit::{
    DESKTOP_KEY, Home, Lack, Output, PATIENCE, free_port, python_gateway, python_of, taken_by_this_test,
    until, uv, uv_workspace, wine_lacks,
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite;

/// The last of the 0.1 and of the 0.2 versions.
const PUBLISHED: [&str; 2] = ["0.1.3", "0.2.0"];

/// A home with one instance, `home`, which is run from a uv workspace.
struct Scene {
    home: Home,
    root: PathBuf,
    port: u16,
}

impl Scene {
    fn new(version: &str) -> Self {
        Self::at(&python_gateway(version))
    }

    fn at(root: &Path) -> Self {
        let scene = Self { home: Home::new(), root: root.to_owned(), port: free_port() };
        let (port, root) = (scene.port.to_string(), scene.root.to_str().unwrap());
        let create = ["instance", "create", "home", "--desktop-pubkey", DESKTOP_KEY, "--port", &port];
        scene.run(&[&create[..], &["--runtime", "uv", "--workspace-dir", root]].concat()).success();
        scene
    }

    fn with_uv<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        // The environment is complete: nothing is fetched while a test runs.
        command.env("UV", uv()).env("UV_NO_SYNC", "1").env("UV_PYTHON_DOWNLOADS", "never")
    }

    fn run(&self, words: &[&str]) -> Output {
        Output::of(self.with_uv(&mut self.home.command("hirogate", words)))
    }

    /// The command line of the Python package, on the same data.
    fn python(&self, words: &[&str]) -> Output {
        Output::of(&mut self.python_command(words))
    }

    fn python_command(&self, words: &[&str]) -> Command {
        let environment = self.home.command("hirogate", &[] as &[&str]);
        let mut python = Command::new(python_of(&self.root));
        python.args(["-m", "hirogateway.main"]).args(words).current_dir(self.home.folder()).env_clear();
        python.envs(environment.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.with_uv(python.stdin(Stdio::null()).env("COLUMNS", "300"));
        python
    }

    /// The process that the Python package's own start makes: it writes the PID file, and there is no record.
    fn python_foreground(&self) -> Child {
        let mut python = self.python_command(&["start", "--instance", "home", "--foreground"]);
        python.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn row(&self) -> Value {
        self.home.gateway("home")
    }

    fn folder(&self) -> PathBuf {
        self.home.data("hirogate").join("instances").join("home")
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.folder().join(name)).unwrap()
    }

    /// The first frame that a client is sent.
    fn challenge(&self) -> Value {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let url = format!("ws://127.0.0.1:{}", self.port);
        let (mut socket, _) = tungstenite::client(url, stream).unwrap();
        serde_json::from_str(socket.read().unwrap().to_text().unwrap()).unwrap()
    }
}

#[test]
fn the_python_gateway_is_started_seen_restarted_and_stopped_by_the_same_commands() {
    if wine_lacks(Lack::Python) {
        return;
    }
    for version in PUBLISHED {
        let scene = Scene::new(version);
        assert_eq!((&scene.row()["state"], &scene.row()["runtime"]), (&json!("stopped"), &json!("uv")));
        let started = scene.run(&["start"]);
        assert_eq!(scene.challenge()["type"], "auth_challenge", "ready means that the port is open");
        let row = scene.row();
        let pid = row["pid"].as_u64().unwrap();
        assert_eq!((&row["state"], &row["runtime"]), (&json!("ready"), &json!("uv")));
        let told = format!("Gateway started (PID {pid}). WS: ws://127.0.0.1:{}\n", scene.port);
        assert_eq!(started.success(), told);
        assert_eq!(scene.file("gateway.pid"), pid.to_string(), "one line, as every version reads it");
        assert_eq!(scene.run(&["start"]).success(), format!("Gateway already running (PID {pid}).\n"));
        let restarted = scene.run(&["restart", "--verbose"]);
        let next = scene.row()["pid"].as_u64().unwrap();
        assert!(
            restarted.success().starts_with(&format!("Gateway restarted (was PID {pid}, now PID {next})."))
        );
        assert_eq!(scene.challenge()["type"], "auth_challenge");
        assert!(scene.run(&["doctor"]).success().contains("state: the Python gateway is ready"));
        assert_eq!(scene.run(&["stop"]).success(), format!("Gateway stopped (was PID {next}).\n"));
        TcpListener::bind(("127.0.0.1", scene.port)).unwrap();
        assert!(!scene.folder().join("gateway.pid").exists());
        assert!(scene.run(&["logs"]).success().contains("Gateway stopped"), "{version}");
    }
}

#[test]
fn a_killed_python_gateway_has_crashed_and_the_next_start_clears_it() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let scene = Scene::new("0.2.0");
    scene.run(&["start"]).success();
    let pid = scene.row()["pid"].as_u64().unwrap();
    hiro_testkit::kill(u32::try_from(pid).unwrap());
    let row =
        until("the crash to show", PATIENCE, || Some(scene.row()).filter(|row| row["state"] == "crashed"));
    assert_eq!((&row["pid"], &row["last_pid"]), (&Value::Null, &json!(pid)));
    scene.run(&["start"]).success();
    assert_eq!(scene.row()["state"], "ready");
}

#[test]
fn a_python_gateway_that_can_not_run_is_told_with_its_own_words() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    uv_workspace(folder.path());
    let scene = Scene::at(folder.path());
    let mut start = scene.home.command("hirogate", &["start"]);
    let refused = Output::of(scene.with_uv(&mut start).env_remove("UV_NO_SYNC"));
    assert!(refused.failure(1).contains("No module named"), "{refused:?}");
    let row = scene.row();
    assert_eq!(row["state"], "crashed", "{row}");
    assert!(row["last_error"].as_str().unwrap().contains("hirogateway"), "{row}");
}

#[test]
fn a_port_that_a_stranger_has_is_told_before_any_python_is_spawned() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let scene = Scene::new("0.2.0");
    let _stranger = TcpListener::bind(("127.0.0.1", scene.port)).unwrap();
    let refused = scene.run(&["start"]);
    let told = format!("error: could not start `gateway:home`: {}", taken_by_this_test(scene.port));
    assert!(refused.failure(1).starts_with(&told), "{refused:?}");
    assert_eq!(scene.row()["state"], "stopped");
    assert!(!scene.folder().join("stderr.log").exists());
}

#[test]
fn starts_of_a_python_gateway_at_once_give_one_process() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let scene = Scene::new("0.2.0");
    let begun: Vec<_> = (0..6)
        .map(|_| {
            // The shim is whichever program starts it.
            let mut start = scene.home.command("hiro", &["gateway", "start", "--json"]);
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
fn an_instance_changes_its_runtime_at_its_next_start_and_python_does_not_lose_the_choice() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let scene = Scene::new("0.2.0");
    scene.run(&["start"]).success();
    scene.run(&["instance", "update", "home", "--runtime", "native"]).success();
    assert_eq!(scene.row()["runtime"], "uv", "what runs goes on");
    scene.run(&["restart"]).success();
    assert_eq!((&scene.row()["runtime"], &scene.row()["state"]), (&json!("native"), &json!("ready")));
    assert_eq!(scene.challenge()["type"], "auth_challenge");
    let root = scene.root.to_str().unwrap();
    scene.run(&["instance", "update", "home", "--runtime", "uv", "--workspace-dir", root]).success();
    let port = free_port().to_string();
    let create = ["instance", "create", "other", "--desktop-pubkey", DESKTOP_KEY, "--port", &port];
    scene.python(&create).success();
    scene.python(&["instance", "set-default", "other"]).success();
    scene.run(&["restart", "home"]).success();
    assert_eq!((&scene.row()["runtime"], &scene.row()["is_default"]), (&json!("uv"), &json!(false)));
}

#[test]
fn an_instance_that_python_created_starts_here_and_python_sees_it() {
    if wine_lacks(Lack::Python) {
        return;
    }
    for version in PUBLISHED {
        let mut scene = Scene::new(version);
        scene.run(&["instance", "remove", "home", "--purge", "--yes"]).success();
        scene.port = free_port();
        let port = scene.port.to_string();
        let create = ["instance", "create", "home", "--desktop-pubkey", DESKTOP_KEY, "--port", &port];
        scene.python(&[&create[..], &["--host", "127.0.0.1", "--skip-autostart"]].concat()).success();
        let files = ["registry.json", "instances/home/config.json"];
        let written = files.map(|file| fs::read_to_string(scene.home.data("hirogate").join(file)).unwrap());
        scene.run(&["start"]).success();
        assert_eq!((&scene.row()["runtime"], &scene.row()["state"]), (&json!("native"), &json!("ready")));
        assert_eq!(scene.challenge()["type"], "auth_challenge");
        let pid = scene.row()["pid"].to_string();
        let seen = scene.python(&["status"]);
        assert!(seen.success().contains("yes") && seen.stdout.contains(&pid), "{seen:?}");
        scene.run(&["instance", "set-default", "home"]).success();
        scene.run(&["instance", "update", "home", "--desktop-pubkey", DESKTOP_KEY]).success();
        let now = files.map(|file| fs::read_to_string(scene.home.data("hirogate").join(file)).unwrap());
        assert_eq!(now, written, "a rewrite changes not one byte");
        scene.python(&["stop"]).success();
        until("the gateway to obey Python", PATIENCE, || (scene.row()["state"] == "stopped").then_some(()));
    }
}

#[test]
fn an_instance_that_was_created_here_starts_in_python_and_is_seen_and_stopped_here() {
    if wine_lacks(Lack::Python) {
        return;
    }
    for version in PUBLISHED {
        let scene = Scene::new(version);
        // The Python package's own start: it writes the PID file, and there is no record.
        let mut foreground = Command::new(python_of(&scene.root));
        let environment = scene.home.command("hirogate", &[] as &[&str]);
        foreground
            .args(["-m", "hirogateway.main", "start", "--instance", "home", "--foreground"])
            .env_clear();
        foreground.envs(environment.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let mut python = foreground.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        until("Python to listen", PATIENCE, || (scene.row()["state"] == "ready").then_some(()));
        let row = scene.row();
        assert_eq!((&row["runtime"], &row["pid"]), (&json!("uv"), &json!(python.id())));
        assert_eq!(scene.challenge()["type"], "auth_challenge");
        let stopped = scene.run(&["stop"]);
        assert_eq!(stopped.success(), format!("Gateway stopped (was PID {}).\n", python.id()));
        python.wait().unwrap();
        assert_eq!(scene.row()["state"], "stopped", "{version}");
    }
}

#[test]
fn a_python_gateway_in_the_foreground_is_seen_and_stopped_and_a_second_one_is_refused() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let scene = Scene::new("0.2.0");
    fs::write(scene.folder().join("gateway.pid"), "999999").unwrap();
    let mut foreground = scene.home.command("hirogate", &["start", "-f"]);
    let foreground = scene.with_uv(&mut foreground).stdout(Stdio::piped()).stderr(Stdio::null());
    let foreground = foreground.spawn().unwrap();
    until("Python to listen", PATIENCE, || (scene.row()["state"] == "ready").then_some(()));
    assert_eq!(scene.challenge()["type"], "auth_challenge");
    let second = scene.run(&["start", "-f"]);
    assert!(second.failure(1).starts_with("error: already running (PID "), "{second:?}");
    assert!(scene.run(&["start"]).success().starts_with("Gateway already running (PID "));
    scene.run(&["stop"]).success();
    let output = foreground.wait_with_output().unwrap();
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("Gateway stopped"));
}

/// What our own crash leaves says nothing about a process that Python has started since.
#[test]
fn a_python_gateway_that_was_started_where_a_native_one_had_crashed_is_seen() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let scene = Scene::new("0.2.0");
    scene.run(&["instance", "update", "home", "--runtime", "native"]).success();
    scene.run(&["start"]).success();
    let pid = scene.row()["pid"].as_u64().unwrap();
    hiro_testkit::kill(u32::try_from(pid).unwrap());
    until("the crash to show", PATIENCE, || (scene.row()["state"] == "crashed").then_some(()));
    let mut python = scene.python_foreground();
    until("Python to listen", PATIENCE, || (scene.row()["state"] == "ready").then_some(()));
    assert_eq!((&scene.row()["runtime"], &scene.row()["pid"]), (&json!("uv"), &json!(python.id())));
    scene.run(&["stop"]).success();
    python.wait().unwrap();
    assert_eq!(scene.row()["state"], "stopped");
}

#[test]
fn what_only_this_program_can_do_is_refused_for_a_python_gateway() {
    let folder = tempfile::tempdir().unwrap();
    uv_workspace(folder.path());
    let scene = Scene::at(folder.path());
    let refused = scene.run(&["start", "--metrics-port", "1"]);
    assert_eq!(refused.failure(1), "error: `--metrics-port` needs the runtime `native`\n");
    let nowhere = tempfile::tempdir().unwrap();
    let nowhere = nowhere.path().to_str().unwrap();
    let refused = scene.run(&["instance", "update", "home", "--runtime", "uv", "--workspace-dir", nowhere]);
    assert!(refused.failure(1).contains(&format!("no uv workspace at `{nowhere}`")), "{refused:?}");
}
