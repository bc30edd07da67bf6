//! Rule 2: the child announces itself, and nobody else does.

use hiro_process::{Error, Phase, State, announce, get_status};
use hiro_testkit::{start, stop};

use crate::scene::Scene;

#[test]
fn a_child_that_calls_write_pid_is_an_instance_to_everybody_else() {
    let mut scene = Scene::new();
    let child = scene.announced_child();
    assert_eq!(scene.text("gateway.pid"), child.pid.to_string());
    let State::Ready(run) = get_status(&scene.instance) else { panic!("{:?}", get_status(&scene.instance)) };
    assert_eq!((run.identity.pid.get(), run.record.unwrap().phase), (child.pid, Phase::Ready));
    // The lock is held for life: nobody else can take the place.
    let refused = announce(&scene.instance, "").unwrap_err();
    assert!(
        matches!(refused, Error::AlreadyRunning { pid: Some(pid), .. } if pid.get() == child.pid),
        "{refused}"
    );
    stop(&scene.instance).unwrap();
    scene.end();
}

#[test]
fn a_program_that_hiro_starts_needs_no_more_than_write_pid() {
    let mut scene = Scene::new();
    let launch = scene.launch("process.write_pid(home, 'gateway.pid')");
    let started = start(&scene.instance, &launch).unwrap();
    let child = scene.stage.puppet("child");
    assert_eq!(started.identity.pid.get(), child.pid);
    stop(&scene.instance).unwrap();
    scene.end();
}

#[test]
fn a_child_can_say_that_it_starts_and_that_it_is_ready() {
    let mut scene = Scene::new();
    let mut child = scene.spawn("\"process.announce(home, 'gateway.pid', version='1.2.3')\"");
    // Announced is enough for the wait, as it is in the original.
    assert_eq!(scene.ask("process.wait_for_pid(home, 'gateway.pid')"), child.pid.to_string());
    assert_eq!(scene.ask("process.get_status(home, 'gateway.pid')"), "starting");
    assert_eq!(child.tell("process.ready(home, 'gateway.pid')"), "None");
    assert_eq!(scene.ask("process.get_status(home, 'gateway.pid')"), "ready");
    let State::Ready(run) = get_status(&scene.instance) else { panic!("{:?}", get_status(&scene.instance)) };
    assert_eq!(run.record.unwrap().version, "1.2.3");
    let unannounced = scene.ask("process.ready(home, 'gateway.pid')");
    assert!(unannounced.starts_with("RuntimeError: this process has not announced itself"), "{unannounced}");
    stop(&scene.instance).unwrap();
    scene.end();
}

#[test]
fn nobody_writes_the_pid_of_another_process() {
    let mut scene = Scene::new();
    for pid in ["os.getppid()", "-1", "4711", "10 ** 30"] {
        for call in ["write_pid(home, 'gateway.pid'", "write_channel_pid(home, 'echo'"] {
            let told = scene.ask(&format!("process.{call}, {pid})"));
            assert!(told.starts_with("ValueError: only a process itself writes its PID file"), "{told}");
        }
    }
    assert!(scene.ask("process.write_pid(home, 'gateway.pid', 'me')").starts_with("TypeError"));
    assert_eq!(scene.ask("list(home.iterdir())"), "[]");
    scene.end();
}

#[test]
fn a_process_writes_its_own_pid_as_often_as_it_likes() {
    let mut scene = Scene::new();
    for pid in ["", ", None", ", 0", ", os.getpid()", ", pid=os.getpid()"] {
        assert_eq!(scene.ask(&format!("process.write_pid(home, 'run/server.pid'{pid})")), "None");
        let same = "process.read_running_pid(home, 'run/server.pid') == os.getpid()";
        assert_eq!(scene.ask(same), "True");
        // Who deletes it by hand hides the process for a moment only.
        scene.ask("(home / 'run/server.pid').unlink()");
    }
    assert_eq!(scene.ask("process.write_channel_pid(home, 'echo', os.getpid())"), "None");
    assert_eq!(scene.ask("process.read_channel_pid(home, 'echo') == os.getpid()"), "True");
    assert_eq!(scene.text("channels/echo.pid"), scene.parent.pid.to_string());
    scene.end();
}

#[test]
fn a_second_process_does_not_take_the_place_of_one_that_lives() {
    let mut scene = Scene::new();
    let child = scene.announced_child();
    let told = scene.ask("process.write_pid(home, 'gateway.pid')");
    assert!(told.starts_with(&format!("AlreadyRunningError: already running (PID {})", child.pid)), "{told}");
    assert_eq!(scene.text("gateway.pid"), child.pid.to_string());
    stop(&scene.instance).unwrap();
    scene.end();
}

/// `multiprocessing` makes its workers so.
#[test]
fn a_forked_worker_sees_its_parent_alive_and_is_not_the_instance_itself() {
    let mut scene = Scene::new();
    let mut child = scene.announced_child();
    assert_eq!(child.tell("in_fork(\"process.get_status(home, 'gateway.pid')\")"), "ready");
    let told = child.tell("in_fork(\"process.write_pid(home, 'gateway.pid')\")");
    assert!(told.starts_with("AlreadyRunningError"), "{told}");
    assert_eq!(scene.ask("process.get_status(home, 'gateway.pid')"), "ready");
    stop(&scene.instance).unwrap();
    scene.end();
}

#[test]
fn a_program_keeps_its_own_signal_handling() {
    let mut scene = Scene::new();
    let mut child = scene.announced_child();
    assert_eq!(child.tell("signal.getsignal(signal.SIGTERM) == signal.SIG_DFL"), "True");
    assert_eq!(child.tell("signal.getsignal(signal.SIGINT) == signal.default_int_handler"), "True");
    // The kernel's view: SIGTERM (bit 14) has no handler, nobody has installed one behind the interpreter's back.
    let caught = "int(open('/proc/self/status').read().split('SigCgt:')[1].split()[0], 16) >> 14 & 1";
    if cfg!(target_os = "linux") {
        assert_eq!(child.tell(caught), "0");
    }
    assert_eq!(child.try_tell("os.kill(os.getpid(), signal.SIGTERM)"), None);
    child.wait_for_end();
    scene.end();
}
