//! Any program can be an instance: the shim announces itself and then is the program.

use std::fs;
use std::process::{Command, Stdio};

use hiro_process::{Exit, Instance, Launch, StartFailureCause, State, get_status};
use hiro_testkit::{
    Lack, PATIENCE, Stage, failure, processes_concerned_with, program, start, stop, until, wine_lacks,
};

/// A program that knows nothing of the rules.
fn behind_shim(stage: &Stage, instance: &Instance, script: &[&str]) -> Launch {
    stage.launch(instance, script).behind_shim([program("puppet").into_os_string(), "shim".into()])
}

#[test]
fn the_program_is_the_instance_and_the_shim_is_gone_where_there_is_an_exec() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let started = start(&instance, &behind_shim(&stage, &instance, &["name plain"])).unwrap();
    let mut plain = stage.puppet("plain");
    // Windows has no `exec`: the shim stays, as the parent that ends with its program.
    assert_eq!(started.identity.pid.get() == plain.pid, cfg!(unix));
    let shims = processes_concerned_with(&stage.variable().1);
    assert_eq!(shims.iter().any(|line| line.contains(" shim ")), cfg!(windows), "{shims:?}");
    assert_eq!(get_status(&instance).name(), "ready");
    stop(&instance).unwrap();
    plain.wait_for_end();
    assert_eq!(get_status(&instance), State::Stopped);
}

#[test]
fn the_program_is_asked_to_end_before_it_is_ended() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    start(&instance, &behind_shim(&stage, &instance, &["name plain", "say-goodbye so long"])).unwrap();
    let mut plain = stage.puppet("plain");
    assert!(plain.lives());
    stop(&instance).unwrap();
    plain.wait_for_end();
    let log = fs::read_to_string(instance.stderr_log()).unwrap();
    assert_eq!(log, if wine_lacks(Lack::ConsoleEvents) { "" } else { "so long\n" });
}

/// Where the shim stays it ends as its program does, whatever the number: that of an access violation, say.
#[test]
fn the_exit_code_is_the_programs() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let puppet = program("puppet").display().to_string();
    let (words, code): (&[&str], _) = match cfg!(windows) {
        true => (&["cmd", "/d", "/c", "exit -1073741819"], -1_073_741_819),
        false => (&[&puppet, "exit 7"], 7),
    };
    let mut shim = Command::new(program("hiro"));
    shim.args(["shim", "--"]).args(words).stdin(Stdio::null());
    shim.envs([
        ("HIRO_LAUNCH_ID", "a-launch".as_ref()),
        ("HIRO_LAUNCH_PID_FILE", instance.pid_file().as_os_str()),
    ]);
    shim.envs([
        ("HIRO_LAUNCH_STDERR_LOG", instance.stderr_log().as_os_str()),
        ("HIRO_LAUNCH_STDERR_OFFSET", "0".as_ref()),
    ]);
    fs::create_dir_all(instance.folder()).unwrap();
    assert_eq!(shim.status().unwrap().code(), Some(code));
    assert_eq!(get_status(&instance).name(), "crashed");
}

#[test]
fn its_children_do_not_hold_its_lock() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    start(&instance, &behind_shim(&stage, &instance, &["name plain", "spawn child"])).unwrap();
    let (mut plain, mut child) = (stage.puppet("plain"), stage.puppet("child"));
    plain.try_tell("exit 5");
    plain.wait_for_end();
    // Not unverifiable, as a lock that the child holds would make it.
    until("the crash to show", PATIENCE, || (get_status(&instance).name() == "crashed").then_some(()));
    assert!(child.lives());
    start(&instance, &behind_shim(&stage, &instance, &["name again"])).unwrap();
    child.wait_for_end();
    stop(&instance).unwrap();
}

#[test]
fn a_program_that_can_not_be_run_is_a_failed_start_and_never_ready() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    // It may be executed, but the interpreter that it names is not there: only exec itself finds out.
    let script = stage.path("script");
    fs::write(&script, "#!/no/such/interpreter\n").unwrap();
    #[cfg(unix)]
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let launch = Launch::native(&script, instance.stderr_log())
        .behind_shim([program("puppet").into_os_string(), "shim".into()]);
    let seen = failure(start(&instance, &launch));
    assert_eq!(seen.cause, StartFailureCause::Ended(Some(Exit::Code(1))));
    assert!(seen.stderr.join("\n").contains("could not run"), "{seen}");
    assert_eq!(get_status(&instance).name(), "crashed");
}

#[test]
fn a_second_shim_of_the_same_instance_is_refused() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let first = start(&instance, &behind_shim(&stage, &instance, &["name plain"])).unwrap().identity.pid;
    let mut plain = stage.puppet("plain");
    let command = format!("spawn second|shim {}", program("puppet").display());
    assert_eq!(plain.tell(&command), "ok");
    stage.puppet("second").wait_for_end();
    let log = fs::read_to_string(instance.stderr_log()).unwrap();
    assert!(log.contains(&format!("already running (PID {first})")), "{log}");
    assert!(plain.lives());
    stop(&instance).unwrap();
}
