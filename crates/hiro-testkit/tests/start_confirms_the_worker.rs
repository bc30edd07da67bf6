//! A start says "started" only of a process that is ready and lives, and otherwise all that was seen.

use std::cell::Cell;
use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::thread;
use std::time::Duration;

use hiro_process::{
    CrashEvidence, Error, Exit, Phase, StartFailureCause, StartOptions, State, get_status, start_instance,
};
use hiro_testkit::{Stage, announce, failure, free_port, start, stop, tells_port_holders};

#[test]
fn a_child_that_announces_and_is_ready_is_started_with_its_own_pid() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let started = start(&instance, &stage.ready_launch(&instance)).unwrap();
    let mut puppet = stage.puppet("puppet");
    assert_eq!((started.identity.pid.get(), started.already_running), (puppet.pid, false));
    assert_eq!(fs::read_to_string(instance.pid_file()).unwrap(), puppet.pid.to_string());
    assert_eq!(get_status(&instance).name(), "ready");
    stop(&instance).unwrap();
    puppet.wait_for_end();
    assert_eq!(get_status(&instance), State::Stopped);
    assert!(!instance.pid_file().exists() && !instance.record_file().exists());
}

#[test]
fn a_child_that_exits_with_code_3_is_reported_with_that_code_and_its_stderr_and_the_next_start_clears_it() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let seen = failure(start(&instance, &stage.launch(&instance, &["stderr bad configuration", "exit 3"])));
    assert_eq!(seen.cause, StartFailureCause::Ended(Some(Exit::Code(3))));
    assert_eq!((seen.phase, seen.stderr.as_slice()), (None, ["bad configuration".to_owned()].as_slice()));
    let text = seen.to_string();
    assert!(text.contains("exit code 3") && text.contains("bad configuration"), "{text}");

    let State::Crashed(crash) = get_status(&instance) else { panic!("{:?}", get_status(&instance)) };
    assert_eq!((crash.evidence, crash.exit), (CrashEvidence::NeverAnnounced, Some(Exit::Code(3))));
    assert_eq!(crash.stderr, ["bad configuration"]);

    start(&instance, &stage.ready_launch(&instance)).unwrap();
    assert_eq!(get_status(&instance).name(), "ready");
    stop(&instance).unwrap();
    assert_eq!(get_status(&instance), State::Stopped);
}

#[test]
fn a_child_that_exits_with_code_0_without_announcing_is_a_failure_that_says_so() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let seen = failure(start(&instance, &stage.launch(&instance, &["stderr nothing to do", "exit 0"])));
    assert_eq!((seen.cause, seen.phase), (StartFailureCause::Ended(Some(Exit::Code(0))), None));
    let text = seen.to_string();
    assert!(text.contains("without announcing itself") && text.contains("nothing to do"), "{text}");
    assert_eq!(get_status(&instance).name(), "crashed");
}

#[test]
fn a_child_that_announces_and_dies_before_ready_names_the_port_and_its_holder() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let mut stranger_process = stage.stranger(&["name stranger"]);
    let mut stranger = stage.puppet("stranger");
    let port = free_port();
    let launch =
        stage.launch(&instance, &["name late", &announce(&instance)]).port(([127, 0, 0, 1], port).into());
    let seen = thread::scope(|scope| {
        let starting = scope.spawn(|| failure(start(&instance, &launch)));
        let mut late = stage.puppet("late");
        // The port was free when the start looked; now a stranger takes it.
        assert_eq!(stranger.tell(&format!("listen {port}")), port.to_string());
        let answer = late.tell(&format!("serve {port}"));
        late.try_tell(&format!("stderr {answer}"));
        late.try_tell("exit 1");
        starting.join().unwrap()
    });
    assert_eq!(
        (seen.cause, seen.phase),
        (StartFailureCause::Ended(Some(Exit::Code(1))), Some(Phase::Starting))
    );
    let taken = seen.port.clone().unwrap();
    let told = taken.holder.map(|holder| (holder.pid.get(), holder.name));
    let program = format!("puppet{EXE_SUFFIX}");
    let named = format!("port {port} is taken by PID {} (`{program}`)", stranger.pid);
    let text = seen.to_string();
    assert_eq!((taken.port, told), (port, tells_port_holders().then_some((stranger.pid, program))));
    assert!(
        text.contains(&named) || !tells_port_holders() && text.contains("taken by another program"),
        "{text}"
    );
    assert_eq!(get_status(&instance).name(), "crashed");
    assert!(instance.pid_file().exists(), "the PID file is the record of the crash");
    drop(stranger);
    drop(stage);
    stranger_process.wait().unwrap();
}

#[test]
fn a_declared_port_that_is_taken_is_refused_before_anything_is_spawned() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let launch = stage.ready_launch(&instance).port(holder.local_addr().unwrap());
    let error = start(&instance, &launch).unwrap_err();
    let Error::PortTaken(taken) = &error else { panic!("{error}") };
    let told = taken.holder.as_ref().map(|holder| holder.pid.get());
    assert_eq!(told, tells_port_holders().then_some(std::process::id()));
    assert!(stage.living().is_empty() && !instance.stderr_log().exists());
}

#[test]
fn a_child_that_never_announces_fails_at_the_deadline_and_is_ended() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let launch = stage.launch(&instance, &["name silent", "stderr still thinking"]);
    let options = StartOptions { deadline: Duration::from_secs(3), ..StartOptions::default() };
    let (seen, mut silent) = thread::scope(|scope| {
        let starting = scope.spawn(|| failure(start_instance(&instance, &launch, &options, &mut |_| {})));
        let silent = stage.puppet("silent");
        (starting.join().unwrap(), silent)
    });
    silent.wait_for_end();
    assert_eq!((seen.cause, seen.phase), (StartFailureCause::Deadline, None));
    assert_eq!(seen.last_pid.unwrap().get(), silent.pid);
    let text = seen.to_string();
    for part in ["without announcing itself", "stderr.log", "still thinking", &silent.pid.to_string()] {
        assert!(text.contains(part), "{part} in: {text}");
    }
}

#[test]
fn a_launcher_that_exits_with_0_and_leaves_its_child_is_started_with_the_childs_pid() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let worker = format!("spawn worker|{}|ready", announce(&instance));
    let started = start(&instance, &stage.launch(&instance, &["name launcher", &worker, "exit 0"])).unwrap();
    let mut worker = stage.puppet("worker");
    let launcher = stage.puppet("launcher");
    assert_eq!(started.identity.pid.get(), worker.pid);
    assert_ne!(worker.pid, launcher.pid);
    stop(&instance).unwrap();
    worker.wait_for_end();
}

#[test]
fn a_launcher_that_stays_is_not_taken_for_the_worker_and_ends_with_it() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let worker = format!("spawn worker|{}|ready", announce(&instance));
    let started = start(&instance, &stage.launch(&instance, &["name launcher", &worker])).unwrap();
    let (mut worker, mut launcher) = (stage.puppet("worker"), stage.puppet("launcher"));
    assert_eq!(started.identity.pid.get(), worker.pid);
    assert!(launcher.lives());
    stop(&instance).unwrap();
    worker.wait_for_end();
    launcher.wait_for_end();
}

#[test]
fn a_child_that_needs_20_seconds_is_started_and_progress_is_shown_meanwhile() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let told = Cell::new(0);
    let launch = stage.launch(&instance, &["name slow"]);
    let (sender, receiver) = std::sync::mpsc::channel();
    let started = thread::scope(|scope| {
        let starting = scope.spawn(|| {
            start_instance(&instance, &launch, &StartOptions::default(), &mut |progress| {
                sender.send(progress.waited).unwrap();
            })
        });
        let mut slow = stage.puppet("slow");
        while receiver.recv().unwrap() < Duration::from_secs(20) {
            told.set(told.get() + 1);
        }
        assert_eq!(slow.tell(&announce(&instance)), "ok");
        assert_eq!(slow.tell("ready"), "ok");
        starting.join().unwrap().unwrap()
    });
    assert!(told.get() >= 10, "progress was told {} times", told.get());
    assert!(started.waited >= Duration::from_secs(20));
    stop(&instance).unwrap();
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    let launch = hiro_process::Launch::native(stage.path("no-such-program"), instance.stderr_log());
    let error = start(&instance, &launch).unwrap_err();
    assert!(error.to_string().contains("no-such-program"), "{error}");
    assert_eq!(get_status(&instance), State::Stopped);
}
