//! The three problems for which this project exists, on every platform: launchers, stubs, and crashes without a trace.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::ffi::OsString;
use std::net::TcpListener;
use std::process::Command;

use hiro_process::{Instance, Launch, State, get_status};
use hiro_testkit::{
    PATIENCE, PuppetHandle, Stage, announce, failure, program, start, stop, until, uv,
    uv_workspace_with_stand_in,
};

/// A launch of the stub, which starts the puppet.
fn through_stub(stage: &Stage, instance: &Instance, how: &str) -> Launch {
    let (name, address) = stage.variable();
    Launch::native(program("stub-launcher"), instance.stderr_log())
        .args([how.into(), program("puppet").into_os_string()])
        .args(["name worker", &announce(instance), "ready"])
        .variable(name, address)
}

/// Starts through a stub, and checks that whatever the stub does the worker is the instance.
fn the_worker_is_the_instance(how: &str) {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let started = start(&instance, &through_stub(&stage, &instance, how)).unwrap();
    let mut worker = stage.puppet("worker");
    assert_eq!(started.identity.pid.get(), worker.pid);
    assert_eq!(std::fs::read_to_string(instance.pid_file()).unwrap(), worker.pid.to_string());
    assert_eq!(get_status(&instance).run().unwrap().identity.pid.get(), worker.pid);
    assert!(worker.lives());
    stop(&instance).unwrap();
    worker.wait_for_end();
    assert_eq!(
        hiro_testkit::processes_concerned_with(&stage.variable().1),
        [""; 0],
        "the stub has ended too"
    );
}

#[test]
fn the_pid_is_the_workers_behind_a_stub_launcher_that_stays() {
    the_worker_is_the_instance("stays");
}

#[test]
fn the_pid_is_the_workers_behind_a_stub_launcher_that_leaves() {
    the_worker_is_the_instance("leaves");
}

/// A parent that was started through a stub, as under a debugger, with the variables that a debugger leaves.
fn debugged_parent(stage: &Stage) -> (PuppetHandle, std::process::Child) {
    let (name, address) = stage.variable();
    let mut stub = Command::new(program("stub-launcher"));
    stub.args([OsString::from("stays"), program("puppet").into_os_string(), "name parent".into()]);
    stub.env(name, address).env("UV", uv()).env("UV_OFFLINE", "1");
    stub.envs([("PYTHONPATH", "/debugger"), ("PYTHONHOME", "/debugger"), ("VIRTUAL_ENV", "/debugger")]);
    let process = stub.spawn().unwrap();
    (stage.puppet("parent"), process)
}

#[test]
fn uv_gets_the_command_line_of_rule_1_from_a_parent_that_is_a_stub_with_a_restricted_pythonpath() {
    let stage = Stage::new();
    let root = stage.path("work space");
    let interpreter = uv_workspace_with_stand_in(&root);
    let instance = stage.instance("home");
    let (mut parent, mut process) = debugged_parent(&stage);
    let words = [
        &*root.display().to_string(),
        &*instance.pid_file().display().to_string(),
        "app/worker.py",
        "name python",
    ];
    let command = format!("start-knowing-python {}|{}|ready", words.join("|"), announce(&instance));
    assert_eq!(parent.tell(&command), "ok");

    let mut python = stage.puppet("python");
    assert_eq!(
        get_status(&instance).run().unwrap().identity.pid.get(),
        python.pid,
        "the interpreter, not uv"
    );
    let same = |told: String, path: &std::path::Path| {
        assert_eq!(std::fs::canonicalize(told).unwrap(), path.canonicalize().unwrap());
    };
    same(python.tell("executable"), &interpreter);
    same(python.tell("directory"), &root);
    assert!(python.tell("arguments").contains("|app/worker.py|name python|announce "));
    assert_eq!(
        (python.tell("environment PYTHONPATH"), python.tell("environment PYTHONHOME")),
        Default::default()
    );
    let lines = hiro_testkit::processes_concerned_with(&stage.variable().1);
    let rule_1 = format!(" run --directory {} python app/worker.py name python ", root.display());
    assert!(lines.iter().any(|line| line.contains(&rule_1)), "no uv: {lines:?}");

    stop(&instance).unwrap();
    python.wait_for_end();
    drop((parent, stage));
    process.wait().unwrap();
}

/// Whatever a child dies of: its PID file stays, and its last words reach the caller and everybody who asks later.
fn the_crash_leaves_its_trace(stage: &Stage, instance: &Instance, script: &[&str], words: &str) {
    let launch = stage.launch(instance, &[&[announce(instance).as_str()], script].concat());
    let seen = failure(start(instance, &launch));
    assert!(seen.to_string().contains(words), "{seen}");
    assert!(instance.pid_file().is_file());
    let State::Crashed(crash) = get_status(instance) else { panic!("{:?}", get_status(instance)) };
    assert!(crash.stderr.join("\n").contains(words), "{crash}");
}

#[test]
fn a_crash_by_a_port_conflict_leaves_its_trace() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = stranger.local_addr().unwrap().port();
    the_crash_leaves_its_trace(
        &stage,
        &instance,
        &[&format!("serve {port}")],
        &format!("port {port} is taken by"),
    );
}

#[test]
fn a_crash_by_an_import_error_leaves_its_trace() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let words = "ModuleNotFoundError: No module named 'hirogateway'";
    the_crash_leaves_its_trace(&stage, &instance, &[&format!("stderr {words}"), "exit 1"], words);
}

#[test]
fn a_crash_by_a_bad_configuration_after_ready_leaves_its_trace() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    start(&instance, &stage.ready_launch(&instance)).unwrap();
    let mut puppet = stage.puppet("puppet");
    puppet.tell("stderr `config.json` is damaged at line 3");
    puppet.try_tell("exit 2");
    puppet.wait_for_end();
    let crash = until("the crash to show", PATIENCE, || match get_status(&instance) {
        State::Crashed(crash) => Some(crash),
        _ => None,
    });
    assert_eq!(crash.stderr, ["`config.json` is damaged at line 3"]);
    assert!(instance.pid_file().is_file());
}
