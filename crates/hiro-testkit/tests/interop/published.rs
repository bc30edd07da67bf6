//! The published packages, from PyPI: one virtual environment per version in the target folder, installed once, and
//! interpreters that run in it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use hiro_testkit::{target_folder, uv};
use serde_json::{Value, json};

/// The last of the 0.1 and of the 0.2 versions, which differ.
pub(crate) const VERSIONS: [&str; 2] = ["0.1.3", "0.2.0"];

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/interop").join(name)
}

/// The interpreter that has the packages of `version`.
pub(crate) fn interpreter(version: &str) -> PathBuf {
    let folder = target_folder().join(format!("interop-{version}"));
    fs::create_dir_all(&folder).expect("a folder in the target folder");
    let lock = File::create(folder.join("lock")).expect("a lock file");
    lock.lock().expect("one installation at a time");
    let requirements = fixture(&format!("requirements-{version}.txt"));
    let (wanted, stamp) = (fs::read(&requirements).expect("the fixture"), folder.join("installed"));
    if !fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        install(&folder.join("venv"), &requirements);
        fs::write(stamp, wanted).expect("a file in the target folder");
    }
    program_of(version, "python")
}

/// A program of the environment of `version`.
pub(crate) fn program_of(version: &str, name: &str) -> PathBuf {
    let (folder, suffix) = if cfg!(windows) { ("Scripts", ".exe") } else { ("bin", "") };
    let venv = target_folder().join(format!("interop-{version}")).join("venv");
    venv.join(folder).join(format!("{name}{suffix}"))
}

fn install(venv: &Path, requirements: &Path) {
    run(Command::new(uv()).args(["venv", "--quiet", "--clear", "--python", "python3"]).arg(venv));
    let mut packages = Command::new(uv());
    packages.args(["pip", "install", "--quiet", "--python"]).arg(venv).arg("--requirement").arg(requirements);
    run(&mut packages);
}

fn run(command: &mut Command) {
    let status = command.status();
    assert!(status.is_ok_and(|status| status.success()), "`{command:?}` failed");
}

/// A module of the packages of `version`, run so that it ends with the test.
pub(crate) fn module(version: &str, module: &str) -> Command {
    let mut command = Command::new(interpreter(version));
    command.arg(fixture("tethered.py")).arg(module).stdin(Stdio::piped());
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUTF8", "1");
    command
}

/// A program that is gone when this is.
#[derive(Debug)]
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(command.spawn().expect("the interpreter runs"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An interpreter that evaluates what it is asked, with the functions of the packages.
#[derive(Debug)]
pub(crate) struct Python {
    process: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Python {
    pub(crate) fn of(version: &str) -> Self {
        let mut command = Command::new(interpreter(version));
        command.arg(fixture("answers.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUTF8", "1");
        let mut process = command.spawn().expect("the interpreter runs");
        let asks = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("a pipe"));
        Self { process, asks, answers }
    }

    /// The value of `expression`, in which the keys of `given` are names; or the exception's text.
    pub(crate) fn evaluate(&mut self, expression: &str, given: &Value) -> Result<Value, String> {
        let asked = json!({"expression": expression, "given": given});
        let asks = self.asks.as_mut().expect("open until it is dropped");
        writeln!(asks, "{asked}").expect("the interpreter reads");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the interpreter answers");
        let mut answer: Value = serde_json::from_str(&line).expect("a line of JSON");
        match answer.get("error").and_then(Value::as_str) {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer["value"].take()),
        }
    }

    /// The text that `expression` is.
    pub(crate) fn text(&mut self, expression: &str, given: &Value) -> String {
        let value = self.evaluate(expression, given);
        let value = value.unwrap_or_else(|error| panic!("`{expression}`: {error}"));
        value.as_str().unwrap_or_else(|| panic!("`{expression}` is no text but {value}")).to_owned()
    }

    /// Whether `expression` is true.
    pub(crate) fn holds(&mut self, expression: &str, given: &Value) -> bool {
        self.evaluate(expression, given) == Ok(Value::Bool(true))
    }
}

impl Drop for Python {
    /// It ends by itself when nobody can ask any more.
    fn drop(&mut self) {
        drop(self.asks.take());
        let _ = self.process.wait();
    }
}
