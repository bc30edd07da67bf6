//! What others may say of a process: odd files, odd numbers, zombies, processes of other users.

use std::fs;

use crate::scene::Scene;

#[test]
fn what_is_no_pid_is_none_and_stays_where_it_is() {
    let mut scene = Scene::new();
    for text in ["-1", "0", "", "4_2", "+7", "99999999999", "x", "１２", "47\0"] {
        fs::write(scene.instance.pid_file(), text).unwrap();
        for read in ["read_pid", "read_running_pid"] {
            assert_eq!(scene.ask(&format!("process.{read}(home, 'gateway.pid')")), "None", "{text:?}");
        }
        assert_eq!(scene.ask("process.read_pid_record(home, 'gateway.pid')"), "(None, None)");
        assert_eq!(fs::read_to_string(scene.instance.pid_file()).unwrap(), text);
    }
    fs::write(scene.instance.pid_file(), [0xff, b'1']).unwrap();
    assert_eq!(scene.ask("process.read_pid(home, 'gateway.pid')"), "None");
    assert_eq!(scene.ask("process.read_pid(home, 'missing.pid')"), "None");
    scene.end();
}

#[test]
fn both_forms_of_the_file_and_the_record_tell_when_the_process_started() {
    let mut scene = Scene::new();
    let read = "process.read_pid_record(home, 'gateway.pid')";
    fs::write(scene.instance.pid_file(), " 4711\n").unwrap();
    assert_eq!(scene.ask(read), "(4711, None)");
    fs::write(scene.instance.pid_file(), "4711\n1795343201.36").unwrap();
    assert_eq!(scene.ask(read), "(4711, 1795343201.36)");
    let child = scene.announced_child();
    assert_eq!(scene.ask(&format!("process.is_running(*{read})")), "True");
    assert_eq!(scene.ask(&format!("{read}[0]")), child.pid.to_string());
    assert_eq!(scene.ask(&format!("process.is_running({read}[0], {read}[1] - 60)")), "False");
    assert_eq!(scene.ask("process.stop_process(home, 'gateway.pid')"), "True");
    scene.end();
}

#[test]
fn numbers_that_are_no_pids_are_not_running() {
    let mut scene = Scene::new();
    for pid in ["None", "0", "-1", "99999999999", "10 ** 30", "-10 ** 30"] {
        assert_eq!(scene.ask(&format!("process.is_running({pid})")), "False", "{pid}");
    }
    assert_eq!(scene.ask("process.is_running(os.getpid())"), "True");
    assert!(scene.ask("process.is_running('1')").starts_with("TypeError"));
    scene.end();
}

#[test]
fn a_zombie_is_not_running_although_a_signal_finds_it() {
    let mut scene = Scene::new();
    scene.ask("ended = zombie()");
    assert_eq!(scene.ask("os.kill(ended, 0)"), "None");
    assert_eq!(scene.ask("process.is_running(ended)"), "False");
    scene.end();
}

#[test]
fn a_process_of_another_user_is_running_although_it_may_not_be_signalled() {
    let mut scene = Scene::new();
    // The first process is root's; nobody is who asks.
    let told = scene.ask("in_fork('os.kill(1, 0)', user=65534)");
    assert!(told.starts_with("PermissionError"), "{told}");
    assert_eq!(scene.ask("in_fork('process.is_running(1)', user=65534)"), "True");
    scene.end();
}

#[test]
fn the_paths_are_those_of_the_original_and_names_do_not_lead_elsewhere() {
    let mut scene = Scene::new();
    assert_eq!(scene.ask("process.pid_file(home, 'a.pid') == home / 'a.pid'"), "True");
    assert_eq!(scene.ask("process.channel_pid_file(home, 'a') == home / 'channels/a.pid'"), "True");
    assert_eq!(scene.ask("process.channel_pid_file(home, 'a', 'run') == home / 'run/a.pid'"), "True");
    let told = scene.ask("process.channel_pid_file(home, '../a')");
    assert_eq!(told, "ValueError: `../a` is no name of a channel");
    scene.end();
}
