//! A child inherits nothing that could hold its caller, or that was right for its caller only.

use std::fs;
#[cfg(unix)]
use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

use hiro_process::{Launch, Rotation, StopOptions, spawn_detached};
use hiro_testkit::{Stage, announce, program, start, stop};

#[cfg(unix)]
#[test]
fn a_child_leads_its_session_has_no_stdin_no_foreign_descriptor_and_default_signals() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    // A descriptor that is inherited unless somebody prevents it.
    let leaky = File::open("/etc/hostname").or_else(|_| File::open("/etc/passwd")).unwrap();
    rustix::io::fcntl_setfd(&leaky, rustix::io::FdFlags::empty()).unwrap();
    start(&instance, &stage.ready_launch(&instance)).unwrap();
    let mut puppet = stage.puppet("puppet");
    let birth = puppet.tell("birth");
    let facts: Vec<&str> = birth.split('|').collect();
    let own = ["gateway.pid.lock", "pipe:["];
    let foreign: Vec<&str> = facts[2]
        .split(',')
        .filter(|path| !path.is_empty() && !own.iter().any(|own| path.contains(own)))
        .collect();
    assert_eq!((facts[0], facts[1], foreign), ("true", "/dev/null", vec![]), "{birth}");
    // The Rust runtime itself ignores SIGPIPE (bit 13); nothing else is ignored, nothing blocked.
    assert_eq!((facts[3], facts[4]), ("0000000000001000", "0000000000000000"), "{birth}");
    stop(&instance).unwrap();
}

#[cfg(unix)]
#[test]
fn the_twin_a_plain_child_inherits_that_descriptor() {
    let stage = Stage::new();
    let leaky = File::open("/etc/passwd").unwrap();
    rustix::io::fcntl_setfd(&leaky, rustix::io::FdFlags::empty()).unwrap();
    let mut process = stage.stranger(&["name plain"]);
    let mut plain = stage.puppet("plain");
    assert!(plain.tell("birth").contains("/etc/passwd"));
    drop((plain, stage));
    process.wait().unwrap();
}

/// `out=$(hiro up)`: the caller's pipes end when the command does, while the child lives.
#[test]
fn the_callers_pipes_end_with_the_caller_while_the_child_lives() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let (name, address) = stage.variable();
    let command = format!("start {}|name child|{}|ready", instance.pid_file().display(), announce(&instance));
    let mut caller = Command::new(program("puppet"))
        .args(["name caller", &command, "exit 0"])
        .env(name, address)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = String::new();
    caller.stdout.take().unwrap().read_to_string(&mut output).unwrap();
    caller.stderr.take().unwrap().read_to_string(&mut output).unwrap();
    assert!(caller.wait().unwrap().success(), "{output}");
    let mut child = stage.puppet("child");
    assert!(child.lives());
    stop(&instance).unwrap();
    child.wait_for_end();
}

#[test]
fn a_child_does_not_see_its_parents_debugger_and_writes_utf_8_unbuffered() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let (name, address) = stage.variable();
    let command = format!("start {}|name child|{}|ready", instance.pid_file().display(), announce(&instance));
    let status = Command::new(program("puppet"))
        .args(["name caller", &command, "exit 0"])
        .env(name, address)
        .envs([("PYTHONPATH", "/debugger"), ("VIRTUAL_ENV", "/venv"), ("PYDEVD_X", "1"), ("KEPT", "yes")])
        .status()
        .unwrap();
    assert!(status.success());
    let mut child = stage.puppet("child");
    let mut seen = |name: &str| child.tell(&format!("environment {name}"));
    assert_eq!((seen("PYTHONPATH"), seen("VIRTUAL_ENV"), seen("PYDEVD_X")), Default::default());
    assert_eq!((seen("KEPT"), seen("PYTHONUTF8")), ("yes".into(), "1".into()));
    assert_eq!((seen("PYTHONIOENCODING"), seen("PYTHONUNBUFFERED")), ("utf-8".into(), "1".into()));
    stop(&instance).unwrap();
}

#[test]
fn stderr_is_appended_to_its_log_and_stdout_to_another_if_asked_for() {
    let stage = Stage::new();
    let (errors, output) = (stage.path("logs/errors.log"), stage.path("logs/output.log"));
    let instance = stage.instance("home");
    let (name, address) = stage.variable();
    let launch = Launch::native(program("puppet"), &errors)
        .args(["stderr to stderr", "stdout to stdout", &announce(&instance), "ready"])
        .stdout_log(&output)
        .variable(name, address);
    for _ in 0..2 {
        start(&instance, &launch).unwrap();
        stop(&instance).unwrap();
    }
    assert_eq!(fs::read_to_string(&errors).unwrap(), "to stderr\nto stderr\n");
    assert_eq!(fs::read_to_string(&output).unwrap(), "to stdout\nto stdout\n");
}

#[test]
fn a_child_runs_where_and_with_what_its_launch_says() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let elsewhere = stage.path("else where");
    fs::create_dir(&elsewhere).unwrap();
    let launch = stage
        .launch(&instance, &["stderr an \"argument\" with bl\u{e4}nks", &announce(&instance), "ready"])
        .directory(&elsewhere)
        .variable("PYTHONPATH", "/meant")
        .without_variable("PYTHONUTF8");
    start(&instance, &launch).unwrap();
    let mut puppet = stage.puppet("puppet");
    let directory = std::path::PathBuf::from(puppet.tell("directory"));
    assert_eq!(directory.canonicalize().unwrap(), elsewhere.canonicalize().unwrap());
    assert_eq!(puppet.tell("environment PYTHONPATH"), "/meant");
    assert_eq!(puppet.tell("environment PYTHONUTF8"), "");
    let log = fs::read_to_string(instance.stderr_log()).unwrap();
    assert_eq!(log, "an \"argument\" with bl\u{e4}nks\n");
    stop(&instance).unwrap();
}

#[test]
fn an_instance_lives_in_a_folder_with_a_path_of_three_hundred_characters_with_blanks_and_umlauts() {
    let stage = Stage::new();
    let instance = stage.instance(&format!("{}/{}", "ä b".repeat(40), "ü".repeat(120)));
    start(&instance, &stage.ready_launch(&instance)).unwrap();
    let mut puppet = stage.puppet("puppet");
    puppet.tell("stderr said in a deep place");
    assert_eq!(hiro_process::get_status(&instance).run().unwrap().identity.pid.get(), puppet.pid);
    stop(&instance).unwrap();
    puppet.wait_for_end();
    assert_eq!(fs::read_to_string(instance.stderr_log()).unwrap(), "said in a deep place\n");
}

#[test]
fn a_full_log_is_put_aside_before_the_next_spawn() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let rotation = Rotation { largest_bytes: 8, kept: 2 };
    for line in ["one, long enough", "two, long enough", "three", "four"] {
        let launch = stage.launch(&instance, &[&format!("stderr {line}"), "exit 1"]).rotation(rotation);
        start(&instance, &launch).unwrap_err();
    }
    let text =
        |suffix: &str| fs::read_to_string(format!("{}{suffix}", instance.stderr_log().display())).unwrap();
    assert_eq!(
        (text(""), text(".1"), text(".2")),
        ("three\nfour\n".into(), "two, long enough\n".into(), "one, long enough\n".into())
    );
}

#[test]
fn what_is_only_spawned_runs_on_without_a_pid_file() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    spawn_detached(&stage.launch(&instance, &["name alone"])).unwrap();
    let mut alone = stage.puppet("alone");
    assert!(alone.lives() && !instance.pid_file().exists());
    assert_eq!(
        hiro_process::stop_process(&instance, &StopOptions::default()).unwrap(),
        hiro_process::Stopped::NotRunning
    );
    assert!(alone.lives());
}

#[cfg(unix)]
#[test]
fn everything_that_is_written_is_the_owners_alone() {
    use std::os::unix::fs::MetadataExt;
    let stage = Stage::new();
    let instance = stage.instance("home");
    start(&instance, &stage.ready_launch(&instance)).unwrap();
    assert_eq!(fs::metadata(instance.folder()).unwrap().mode() & 0o777, 0o700);
    for entry in fs::read_dir(instance.folder()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
    stop(&instance).unwrap();
}
