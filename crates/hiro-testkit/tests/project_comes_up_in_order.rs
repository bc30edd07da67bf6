//! `hiro up` in a project's folder: its services come up in order, are changed as its file is, and go down in reverse.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use hiro_testkit::{League, Output, PuppetHandle, Stage, program};

/// A league, a project's folder in its home, and the stage of the project's puppets.
struct Scene {
    league: League,
    stage: Stage,
    folder: PathBuf,
}

/// Text of a service that is a puppet: `keys` as they stand in the file, and what it does first.
fn puppet(name: &str, keys: &str, script: &[&str]) -> String {
    let called = format!("name {name}");
    let words = std::iter::once(called.as_str()).chain(script.iter().copied());
    let words: Vec<String> = words.map(|word| format!("'{word}'")).collect();
    format!("[services.{name}]\ncommand = ['${{PUPPET}}', {}]\n{keys}\n", words.join(", "))
}

impl Scene {
    fn new() -> Self {
        let league = League::new();
        let folder = league.home.folder().join("project");
        fs::create_dir(&folder).unwrap();
        Self { league, stage: Stage::new(), folder }
    }

    fn write(&self, text: &str) {
        fs::write(self.folder.join("hiro.toml"), text).unwrap();
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.league.home.command("hiro", words);
        let (name, address) = self.stage.variable();
        command.current_dir(&self.folder).env(name, address).env("PUPPET", program("puppet"));
        command
    }

    fn up(&self) -> Output {
        let ports = self.league.ports.first.to_string();
        Output::of(&mut self.command(&["up", "--ports-from", &ports]))
    }

    fn service(&self, name: &str) -> PuppetHandle {
        self.stage.puppet(name)
    }

    fn state(&self, name: &str) -> String {
        self.league.state(&format!("service:default/{name}"))
    }
}

#[test]
fn services_come_up_each_after_those_that_it_names_and_go_down_in_reverse() {
    let scene = Scene::new();
    scene.write(
        &[
            puppet("web", "after = ['worker']", &[]),
            puppet("db", "ready = 'log:open'", &[]),
            puppet("worker", "after = ['db']\nready = 'log:at work'", &[]),
        ]
        .concat(),
    );
    let ports = scene.league.ports.first.to_string();
    let mut up = scene.command(&["up", "--ports-from", &ports]).spawn().unwrap();
    let mut db = scene.service("db");
    assert_eq!(scene.stage.living().len(), 0, "the others wait for the database");
    db.tell("stderr open");
    let mut worker = scene.service("worker");
    assert_eq!(scene.stage.living().len(), 0, "the web app waits for the worker");
    worker.tell("stdout at work");
    let mut web = scene.service("web");
    assert!(up.wait().unwrap().success());
    assert_eq!(["db", "worker", "web"].map(|name| scene.state(name)), ["ready"; 3].map(str::to_owned));
    let down = scene.league.hiro(&["down"]);
    let stopped: Vec<&str> =
        down.success().lines().filter_map(|line| line.split(" stopped").next()).collect();
    assert_eq!(&stopped[..3], ["web", "worker", "db"].map(|name| format!("service:default/{name}")));
    for puppet in [&mut db, &mut worker, &mut web] {
        puppet.wait_for_end();
    }
    assert_eq!(scene.league.traces(), [""; 0]);
}

#[test]
fn only_what_is_defined_differently_is_restarted_and_what_is_gone_is_removed() {
    let scene = Scene::new();
    let same = puppet("same", "", &[]);
    scene.write(&[&same, puppet("other", "", &[]).as_str(), puppet("gone", "", &[]).as_str()].concat());
    scene.up().success();
    let (mut kept, mut other, mut gone) =
        (scene.service("same"), scene.service("other"), scene.service("gone"));
    let unchanged = scene.up();
    assert!(!unchanged.success().contains("its definition has changed"), "{unchanged:?}");
    assert!(kept.lives() && other.lives() && gone.lives());
    scene.write(&[&same, puppet("other", "env = { MODE = 'new' }", &[]).as_str()].concat());
    let changed = scene.up();
    assert!(
        changed.success().contains("service:default/other: its definition has changed, restarted."),
        "{changed:?}"
    );
    assert!(changed.stdout.contains("service:default/gone: not in the project any more, removed."));
    other.wait_for_end();
    gone.wait_for_end();
    assert_eq!(scene.service("other").tell("environment MODE"), "new");
    assert!(kept.lives(), "what is the same goes on");
    assert!(scene.league.rows().iter().all(|row| row["name"] != "service:default/gone"));
    scene.league.hiro(&["down"]).success();
}

#[test]
fn two_ups_at_once_give_one_of_each() {
    let scene = Scene::new();
    scene.write(&[puppet("db", "", &[]), puppet("web", "after = ['db']", &[])].concat());
    let ports = scene.league.ports.first.to_string();
    let ups: Vec<_> =
        (0..2).map(|_| scene.command(&["up", "--ports-from", &ports]).spawn().unwrap()).collect();
    for mut up in ups {
        assert!(up.wait().unwrap().success());
    }
    assert_eq!(scene.stage.living().len(), 2);
    scene.league.hiro(&["down"]).success();
}

#[test]
fn a_service_that_does_not_become_ready_keeps_those_after_it_and_nothing_else() {
    let scene = Scene::new();
    let broken = puppet("broken", "ready = 'log:never'", &["stderr no space left", "exit 3"]);
    scene.write(&[puppet("db", "", &[]), broken, puppet("web", "after = ['broken']", &[])].concat());
    let output = scene.up();
    let error = output.failure(1);
    assert!(error.contains("service `broken` did not become ready (`log:never`)"), "{error}");
    assert!(error.contains("exit code 3") && error.contains("| no space left"), "{error}");
    let mut db = scene.service("db");
    assert!(db.lives());
    assert_eq!(
        ["db", "broken", "web"].map(|name| scene.state(name)),
        ["ready", "crashed", "stopped"].map(str::to_owned)
    );
    assert_eq!(scene.league.state("server:default"), "ready");
    scene.league.hiro(&["down"]).success();
    db.wait_for_end();
}

#[test]
fn what_is_wrong_with_the_file_is_told_with_its_place_before_anything_is_made() {
    let scene = Scene::new();
    let cases = [
        (
            "[services.web]\ncomand = ['a']\n",
            "hiro.toml` line 2, column 1: unknown field `comand`, expected one of",
        ),
        (
            "[services.web]\ncommand = ['${NOT_SET}']\n",
            "line 2, column 12: the variable `NOT_SET` is not set",
        ),
        ("[services.a]\ncommand = ['a']\nafter = ['b']\n", "`a` comes after `b`, which is no service"),
        (
            "[services.a]\ncommand = ['a']\nafter = ['b']\n[services.b]\ncommand = ['b']\nafter = ['a']\n",
            "services come after each other: `a` → `b` → `a`",
        ),
    ];
    for (text, expected) in cases {
        scene.write(text);
        let output = scene.up();
        assert!(output.failure(1).contains(expected), "{output:?}");
    }
    assert!(scene.league.processes().is_empty());
    assert!(!scene.league.workspace().join("config.json").exists());
}

#[test]
fn a_project_is_found_from_a_folder_in_it_or_by_its_name_and_two_with_equal_names_conflict() {
    let scene = Scene::new();
    scene.write(&puppet("web", "", &[]));
    let inside = scene.folder.join("deep/inside");
    fs::create_dir_all(&inside).unwrap();
    let ports = scene.league.ports.first.to_string();
    let up = ["up", "--ports-from", &ports];
    Output::of(scene.command(&up).current_dir(&inside)).success();
    let mut web = scene.service("web");
    let other = scene.league.home.folder().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("hiro.toml"), puppet("web", "", &[])).unwrap();
    let conflict = Output::of(scene.command(&up).args(["--project", &other.display().to_string()]));
    let error = conflict.failure(1);
    assert!(error.contains("there is a service `web` already, from `"), "{error}");
    assert!(error.contains("project") && error.contains("hint: choose another name"), "{error}");
    let missing = Output::of(scene.command(&up).args(["--project", &inside.display().to_string()]));
    assert!(missing.failure(1).contains("there is no `hiro.toml` in `"), "{missing:?}");
    assert!(web.lives());
    scene.league.hiro(&["down"]).success();
    web.wait_for_end();
}

#[test]
fn up_elsewhere_brings_the_services_of_the_workspace_up_again() {
    let scene = Scene::new();
    scene.write(&puppet("web", "", &[]));
    scene.up().success();
    let mut first = scene.service("web");
    scene.league.hiro(&["down"]).success();
    first.wait_for_end();
    let ports = scene.league.ports.first.to_string();
    let mut up = scene.command(&["up", "--ports-from", &ports]);
    Output::of(up.current_dir(scene.league.home.folder())).success();
    let mut second = scene.service("web");
    assert!(second.lives());
    scene.league.hiro(&["down"]).success();
}
