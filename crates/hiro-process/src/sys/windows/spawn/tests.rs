//! Children on Windows: exit codes, arguments, environment, jobs.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
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

/// What makes the shell run until it is killed.
const FOR_EVER: [&str; 3] = ["/d", "/c", "for /l %i in (0,0,1) do @rem"];

/// A child that would run for ever, and that a failed test does not leave behind.
struct Endless(Child);

impl Drop for Endless {
    fn drop(&mut self) {
        if let Some(process) = self.0.running() {
            let _ = process.kill();
        }
    }
}

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
    let mut prepared = prepared(folder.path(), &FOR_EVER);
    let id = format!("spawn-test-{}", Pid::current());
    prepared.environment.insert(launch_context::ID.into(), OsStr::new(&id).into());
    let mut child = Endless(spawn(prepared).unwrap());
    let identity = child.0.identity();
    let query = TreeQuery { leader: identity, launcher: None, launch_id: Some(id) };
    assert!(job::members(&query).unwrap().contains(&identity.pid));
    assert!(crate::sys::tree_members(&query).unwrap().contains(&identity));
    kill_at_once(&query, &[]).unwrap();
    assert_eq!(child.0.try_wait().unwrap(), None, "a job with others in it is not ended at once");
    // The process of its console may join the job at any time (it does so under Wine): as a stop does, until it holds.
    let begun = Instant::now();
    while !job::members(&query).unwrap().is_empty() {
        assert!(begun.elapsed() < LONG, "the job is still not empty");
        kill_at_once(&query, &crate::sys::tree_members(&query).unwrap()).unwrap();
        wait_for_event(None, &[child.0.running().unwrap()], Duration::from_millis(50)).unwrap();
    }
    assert_eq!(wait(&mut child.0), Exit::Code(1));
}

#[test]
fn the_launch_id_of_another_process_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut prepared = prepared(folder.path(), &FOR_EVER);
    prepared.environment.insert(launch_context::ID.into(), "to-be-read".into());
    let child = Endless(spawn(prepared).unwrap());
    assert!(crate::sys::carries_launch(child.0.identity().pid, "to-be-read"));
}

#[test]
fn one_of_more_children_than_one_call_can_wait_for_ends_the_wait() {
    let folder = tempfile::tempdir().unwrap();
    let long_lived = Endless(spawn(prepared_beside(folder.path(), "long", &FOR_EVER)).unwrap());
    let last = spawn(prepared_beside(folder.path(), "last", &["/d", "/c", "exit 0"])).unwrap();
    // Many handles to one process stand for many processes.
    let pid = long_lived.0.identity().pid;
    let many: Vec<Process> = (0..100).map(|_| Process::open(pid).unwrap().unwrap()).collect();
    let mut processes: Vec<&Process> = many.iter().collect();
    processes.push(last.running().unwrap());
    let begun = Instant::now();
    wait_for_event(None, &processes, LONG).unwrap();
    assert!(begun.elapsed() < LONG);
}

/// Set for the copy of this test program that puts itself into such a job.
const WITHIN_A_JOB: &str = "HIRO_TEST_WITHIN_A_JOB";

#[test]
fn a_child_runs_even_if_the_callers_job_lets_nothing_go_and_its_log_says_so() {
    let name = "sys::windows::spawn::tests::a_child_runs_even_if_the_callers_job_lets_nothing_go_and_its_log_says_so";
    if env::var_os(WITHIN_A_JOB).is_none() {
        let mut copy = std::process::Command::new(env::current_exe().unwrap());
        let output = copy.args(["--exact", name]).env(WITHIN_A_JOB, "1").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    let job = job::Job::strict().unwrap();
    job.take_in_caller().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut child = spawn(prepared(folder.path(), &["/d", "/c", "exit 7"])).unwrap();
    assert_eq!(wait(&mut child), Exit::Code(7));
    let log = fs::read_to_string(folder.path().join("stderr.log")).unwrap();
    assert_eq!(log, super::NOT_FREED);
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
