//! Rule 1, with the real uv: a Python child runs in its own workspace's environment, whatever started its parent.

use std::path::{Path, PathBuf};

use hiro_process::{Instance, get_status};
use hiro_testkit::{Lack, PuppetHandle, Stage, stop, uv, uv_workspace, wine_lacks};

/// A uv workspace in the test's folder, and a parent as a debugger leaves it: with a `PYTHONPATH`, a virtual
/// environment and a tracer that are right for the parent alone.
struct Scene {
    stage: Stage,
    root: PathBuf,
    instance: Instance,
    parent: PuppetHandle,
    parent_process: std::process::Child,
}

impl Scene {
    fn new() -> Self {
        let stage = Stage::new();
        let root = stage.path("workspace");
        uv_workspace(&root);
        let instance = stage.instance("home");
        let (name, address) = stage.variable();
        let mut parent = std::process::Command::new(hiro_testkit::program("puppet"));
        parent.arg("name parent").env(name, address).env("UV", uv()).env("UV_PYTHON_DOWNLOADS", "never");
        parent.envs([
            ("PYTHONPATH", "/debugger"),
            ("VIRTUAL_ENV", "/debugger"),
            ("PYDEVD_LOAD_VALUES_ASYNC", "1"),
        ]);
        let parent_process = parent.spawn().expect("the puppet runs");
        let parent = stage.puppet("parent");
        Self { stage, root, instance, parent, parent_process }
    }

    fn start(&mut self, program: &str) -> String {
        let (root, pid_file) = (self.root.display(), self.instance.pid_file().display());
        self.parent.tell(&format!("start-python {root}|{pid_file}|{}", self.root.join(program).display()))
    }

    fn end(mut self) {
        stop(&self.instance).expect("nothing survives a stop");
        drop((self.parent, self.stage));
        self.parent_process.wait().expect("the parent ends with its stage");
    }
}

#[test]
fn the_announced_pid_is_the_interpreters_and_its_environment_is_the_workspaces() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let mut scene = Scene::new();
    assert_eq!(scene.start("app/puppet.py"), "ok");
    let mut python = scene.stage.puppet("python");
    assert_eq!(get_status(&scene.instance).run().unwrap().identity.pid.get(), python.pid);
    let executable = python.tell("executable");
    assert!(Path::new(&executable).starts_with(scene.root.join(".venv")), "{executable}");
    assert_eq!(
        (python.tell("environment PYTHONPATH"), python.tell("environment PYDEVD_LOAD_VALUES_ASYNC")),
        Default::default()
    );
    assert_eq!(python.tell("environment PYTHONUTF8"), "1");
    stop(&scene.instance).unwrap();
    python.wait_for_end();
    scene.end();
}

#[test]
fn an_import_error_reaches_the_caller_with_its_text_and_is_a_crash() {
    if wine_lacks(Lack::Python) {
        return;
    }
    let mut scene = Scene::new();
    let answer = scene.start("app/import_error.py");
    // The shim counts as ready once it is the interpreter; the interpreter may live a moment longer than that.
    let told = if answer == "ok" { String::new() } else { answer };
    let crash = hiro_testkit::until("the crash to show", hiro_testkit::PATIENCE, || {
        match get_status(&scene.instance) {
            hiro_process::State::Crashed(crash) => Some(crash),
            _ => None,
        }
    });
    let text = format!("{told} {}", crash.stderr.join(" "));
    assert!(text.contains("ModuleNotFoundError: No module named 'no_such_package'"), "{text}");
    assert!(scene.instance.pid_file().exists());
    scene.end();
}

#[test]
fn no_workspace_is_an_error_that_says_where_it_was_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let error = hiro_process::uv_python_cmd(folder.path()).unwrap_err();
    assert!(error.to_string().contains("no uv workspace"), "{error}");
    assert!(error.hint().unwrap().contains("[tool.uv.workspace]"), "{error}");
}
