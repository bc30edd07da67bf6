//! Children on Windows: exit codes, arguments, environment, jobs.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use super::super::job;
use super::super::process::Process;
use super::super::wait::wait_for_event;
use super::{Child, spawn};
use crate::exit_report::Exit;
use crate::launch::Prepared;
use crate::launch_context;
use crate::pid::Pid;
use crate::sys::{create_private_file, kill_at_once, process_start_time};
use crate::tree::TreeQuery;

const LONG: Duration = Duration::from_secs(30);

/// The shell that every Windows has.
fn shell() -> PathBuf {
    PathBuf::from(env::var_os("SystemRoot").unwrap()).join(r"System32\cmd.exe")
}

fn prepared(folder: &Path, words: &[&str]) -> Prepared {
    Prepared {
        program: shell(),
        arguments: words.iter().map(OsString::from).collect(),
        environment: env::vars_os().collect::<BTreeMap<_, _>>(),
        directory: folder.to_owned(),
        stdout: Some(create_private_file(&folder.join("stdout.log")).unwrap()),
        stderr: create_private_file(&folder.join("stderr.log")).unwrap(),
    }
}

fn wait(child: &mut Child) -> Exit {
    loop {
        if let Some(exit) = child.try_wait().unwrap() {
            return exit;
        }
        wait_for_event(None, &[child.running().unwrap()], LONG).unwrap();
    }
}

#[test]
fn the_exit_code_and_both_streams_arrive_and_the_identity_is_the_childs() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = spawn(prepared(folder.path(), &["/d", "/c", "echo out& echo err>&2& exit 7"])).unwrap();
    let identity = child.identity();
    assert_eq!(wait(&mut child), Exit::Code(7));
    assert_eq!(process_start_time(identity.pid).unwrap(), None);
    assert_eq!(fs::read_to_string(folder.path().join("stdout.log")).unwrap().trim(), "out");
    assert_eq!(fs::read_to_string(folder.path().join("stderr.log")).unwrap().trim(), "err");
    assert!(child.running().is_none());
}

#[test]
fn a_child_is_in_the_job_of_its_launch_and_ends_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut prepared = prepared(folder.path(), &["/d", "/c", "for /l %i in (0,0,1) do @rem"]);
    let id = format!("spawn-test-{}", Pid::current());
    prepared.environment.insert(launch_context::ID.into(), OsStr::new(&id).into());
    let mut child = spawn(prepared).unwrap();
    let identity = child.identity();
    let query = TreeQuery { leader: identity, launcher: None, launch_id: Some(id) };
    assert_eq!(job::members(&query).unwrap(), [identity.pid]);
    assert_eq!(crate::sys::tree_members(&query).unwrap(), [identity]);
    kill_at_once(&query, &[]).unwrap();
    assert_eq!(child.try_wait().unwrap(), None, "a job with others in it is not ended at once");
    kill_at_once(&query, &[identity]).unwrap();
    assert_eq!(wait(&mut child), Exit::Code(1));
    assert!(job::members(&query).unwrap().is_empty());
}

#[test]
fn the_launch_id_of_another_process_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut prepared = prepared(folder.path(), &["/d", "/c", "for /l %i in (0,0,1) do @rem"]);
    prepared.environment.insert(launch_context::ID.into(), "to-be-read".into());
    let mut child = spawn(prepared).unwrap();
    assert!(crate::sys::carries_launch(child.identity().pid, "to-be-read"));
    child.running().unwrap().kill().unwrap();
    wait(&mut child);
}

#[test]
fn one_of_more_children_than_one_call_can_wait_for_ends_the_wait() {
    let folder = tempfile::tempdir().unwrap();
    let forever = &["/d", "/c", "for /l %i in (0,0,1) do @rem"];
    let mut long_lived = spawn(prepared_beside(folder.path(), "long", forever)).unwrap();
    let last = spawn(prepared_beside(folder.path(), "last", &["/d", "/c", "exit 0"])).unwrap();
    // Many handles to one process stand for many processes.
    let pid = long_lived.identity().pid;
    let many: Vec<Process> = (0..100).map(|_| Process::open(pid).unwrap().unwrap()).collect();
    let mut processes: Vec<&Process> = many.iter().collect();
    processes.push(last.running().unwrap());
    let begun = std::time::Instant::now();
    wait_for_event(None, &processes, LONG).unwrap();
    assert!(begun.elapsed() < LONG);
    long_lived.running().unwrap().kill().unwrap();
    wait(&mut long_lived);
}

#[test]
fn a_child_runs_in_a_folder_with_a_path_of_three_hundred_characters() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("ä b".repeat(40)).join("ü".repeat(120));
    crate::files::create_private_dir(&folder).unwrap();
    let mut child = spawn(prepared(&folder, &["/d", "/c", "echo there> here"])).unwrap();
    assert_eq!(wait(&mut child), Exit::Code(0));
    assert_eq!(fs::read_to_string(folder.join("here")).unwrap().trim(), "there");
}

fn prepared_beside(folder: &Path, name: &str, words: &[&str]) -> Prepared {
    let folder = folder.join(name);
    fs::create_dir(&folder).unwrap();
    prepared(&folder, words)
}
