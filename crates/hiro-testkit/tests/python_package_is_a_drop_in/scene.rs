//! A test's interpreters, which import the package that cargo has just built.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use hiro_process::{Instance, Launch};
use hiro_testkit::{PuppetHandle, Stage, target_folder, uv};

/// A stage with one interpreter on it, the parent of the others.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) stage: Stage,
    pub(crate) instance: Instance,
    pub(crate) parent: PuppetHandle,
    process: Child,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with_environment(&[])
    }

    pub(crate) fn with_environment(variables: &[(&str, &str)]) -> Self {
        let stage = Stage::new();
        let instance = stage.instance("home");
        fs::create_dir_all(instance.folder()).expect("a folder of the test's own");
        import_from(&package(&stage));
        let mut command = Command::new("python3");
        command.arg(fixture("interpreter.py")).arg("parent").envs(environment(&stage)).stdin(Stdio::null());
        command.envs(variables.iter().copied());
        let process = command.spawn().expect("`python3` runs");
        let parent = stage.puppet("parent");
        Self { stage, instance, parent, process }
    }

    /// What the parent answers to a line of Python.
    pub(crate) fn ask(&mut self, line: &str) -> String {
        self.parent.tell(line)
    }

    /// The parent spawns a child that carries out `script` (lines of Python) before it takes commands.
    pub(crate) fn spawn(&mut self, script: &str) -> PuppetHandle {
        let command = format!("program('child', {script})");
        let log = "stderr_log=home / 'stderr.log'";
        assert_eq!(self.ask(&format!("process.spawn_detached({command}, {log})")), "None");
        self.stage.puppet("child")
    }

    /// A child that has written its PID file.
    pub(crate) fn announced_child(&mut self) -> PuppetHandle {
        let child = self.spawn("\"process.write_pid(home, 'gateway.pid')\"");
        let told = self.ask("process.wait_for_pid(home, 'gateway.pid')");
        assert_eq!(told, child.pid.to_string());
        child
    }

    /// A launch of an interpreter that carries out `line`.
    pub(crate) fn launch(&mut self, line: &str) -> Launch {
        let python = self.ask("sys.executable");
        let launch = Launch::native(python, self.instance.stderr_log());
        let launch = launch.arg(fixture("interpreter.py")).args(["child", line]);
        environment(&self.stage)
            .into_iter()
            .fold(launch, |launch, (name, value)| launch.variable(name, value))
    }

    /// The text of a file in the instance's folder.
    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.instance.folder().join(name)).expect("a file in the instance's folder")
    }

    /// Ends the parent, and with it every interpreter that it has spawned.
    pub(crate) fn end(self) {
        let Self { stage, parent, mut process, .. } = self;
        drop((parent, stage));
        process.wait().expect("an interpreter ends with its stage");
    }
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/python-package").join(name)
}

/// The folder that the package is imported from.
pub(crate) fn package(stage: &Stage) -> PathBuf {
    stage.path("package")
}

/// Puts the extension module into `folder`. Cargo builds it for this crate, which depends on it, beside the tests.
pub(crate) fn import_from(folder: &Path) {
    let library = target_folder().join("deps").join(format!("{DLL_PREFIX}hiro_process_py{DLL_SUFFIX}"));
    assert!(library.is_file(), "cargo builds `{}` with the tests", library.display());
    fs::create_dir_all(folder).expect("a folder of the test's own");
    symlink(library, folder.join("hiro_process.abi3.so")).expect("a link in the test's own folder");
}

fn environment(stage: &Stage) -> Vec<(&'static str, String)> {
    let text = |path: &Path| path.to_str().expect("paths in UTF-8").to_owned();
    vec![
        stage.variable(),
        ("HIRO_PROCESS_PACKAGE", text(&package(stage))),
        ("HIRO_TEST_HOME", text(&stage.path("home"))),
        ("HOME", text(&stage.path("user"))),
        ("UV", text(uv())),
        ("UV_PYTHON_DOWNLOADS", "never".to_owned()),
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
    ]
}
