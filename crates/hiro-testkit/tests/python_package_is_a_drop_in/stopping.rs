//! Rule 3: only a stop removes the PID file, and a crash leaves it.

use hiro_testkit::{PATIENCE, until};

use crate::scene::Scene;

const STATUS: &str = "process.get_status(home, 'gateway.pid')";
const STOP: &str = "process.stop_process(home, 'gateway.pid')";

#[test]
fn a_stop_asks_the_process_and_removes_its_pid_file_once_it_has_ended() {
    let mut scene = Scene::new();
    let mut child = scene.announced_child();
    assert_eq!(child.tell("note_on_sigterm()"), "None");
    assert_eq!(scene.ask(STOP), "True");
    child.wait_for_end();
    assert_eq!(scene.text("seen"), "True");
    assert!(!scene.instance.pid_file().exists());
    assert_eq!((scene.ask(STATUS), scene.ask(STOP)), ("stopped".into(), "False".into()));
    scene.end();
}

#[test]
fn a_child_that_ignores_the_request_is_killed_after_the_grace_period() {
    let mut scene = Scene::new();
    let mut child = scene.announced_child();
    child.tell("signal.signal(signal.SIGTERM, signal.SIG_IGN)");
    assert_eq!(scene.ask("process.stop_process(home, 'gateway.pid', grace=0.05)"), "True");
    child.wait_for_end();
    assert!(!scene.instance.pid_file().exists());
    scene.end();
}

#[test]
fn a_crash_leaves_the_pid_file_whoever_reads_it_until_a_stop_clears_it() {
    let mut scene = Scene::new();
    for clear in [STOP, "process.remove_pid(home, 'gateway.pid')"] {
        let mut child = scene.announced_child();
        let pid = child.pid.to_string();
        assert_eq!(child.try_tell("os._exit(7)"), None);
        child.wait_for_end();
        // The socket ends a moment before the process does.
        until("the crash to show", PATIENCE, || (scene.parent.tell(STATUS) == "crashed").then_some(()));
        assert_eq!(scene.ask("process.read_running_pid(home, 'gateway.pid')"), "None");
        assert_eq!(scene.ask("process.read_pid(home, 'gateway.pid')"), pid);
        assert_eq!(scene.ask("process.is_running(*process.read_pid_record(home, 'gateway.pid'))"), "False");
        assert!(["False", "None"].contains(&scene.ask(clear).as_str()));
        assert_eq!(scene.ask(STATUS), "stopped");
    }
    scene.end();
}

#[test]
fn the_pid_file_of_a_live_process_is_removed_by_nothing_but_a_stop() {
    let mut scene = Scene::new();
    let mut child = scene.announced_child();
    let remove = "process.remove_pid(home, 'gateway.pid')";
    for told in [scene.ask(remove), child.tell(remove)] {
        assert!(told.starts_with("AlreadyRunningError") && told.contains("`stop_process`"), "{told}");
    }
    assert!(child.lives() && scene.instance.pid_file().exists());
    assert_eq!(scene.ask("process.remove_channel_pid(home, 'none')"), "None");
    assert_eq!(scene.ask(STOP), "True");
    child.wait_for_end();
    scene.end();
}

#[test]
fn a_number_alone_is_never_signalled() {
    let mut scene = Scene::new();
    let mut child = scene.announced_child();
    for call in [format!("{}", child.pid), format!("{}, include_tree=True", child.pid), "-1".into()] {
        let told = scene.ask(&format!("process.kill_process({call})"));
        assert!(told.starts_with("NotImplementedError") && told.contains("`stop_process("), "{told}");
    }
    assert!(child.lives());
    assert_eq!(scene.ask(STOP), "True");
    scene.end();
}

#[test]
fn a_pid_file_written_by_hand_is_not_believed_unless_the_command_line_speaks_for_it() {
    let mut scene = Scene::new();
    let mut stranger = scene.spawn("");
    scene.ask(&format!("(home / 'gateway.pid').write_text('{}')", stranger.pid));
    let told = scene.ask(STOP);
    assert!(told.starts_with("UnverifiableError") && told.contains("delete"), "{told}");
    assert!(stranger.lives() && scene.instance.pid_file().exists());
    assert_eq!(scene.ask("process.read_running_pid(home, 'gateway.pid')"), "None");
    let known = "(home, 'gateway.pid', legacy_command=['interpreter.py', 'child'])";
    assert_eq!(scene.ask(&format!("process.wait_for_pid{known}")), stranger.pid.to_string());
    assert_eq!(scene.ask(&format!("process.stop_process{known}")), "True");
    stranger.wait_for_end();
    scene.end();
}
