//! The shim's stay: as long as its program's, and with its exit code.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use super::super::life_lock::LifeLock;
use super::super::stop_signals::StopSignals;
use super::become_program;
use crate::exit_report::Exit;
use crate::instance::Instance;
use crate::shim::Pending;

fn stay(words: &[&str], signals: Option<StopSignals>) -> Exit {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::new(folder.path().join("gateway.pid")).unwrap();
    let pending = Pending::begin(&instance).unwrap();
    let lock = LifeLock::acquire(&instance.lock_file()).unwrap().unwrap();
    let shell = PathBuf::from(env::var_os("SystemRoot").unwrap()).join(r"System32\cmd.exe");
    let arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
    let exit = become_program(&shell, &arguments, lock, pending, signals).unwrap();
    assert!(!instance.shim_file().exists());
    assert!(LifeLock::acquire(&instance.lock_file()).unwrap().is_some());
    exit
}

#[test]
fn it_ends_with_the_exit_code_of_its_program() {
    assert_eq!(stay(&["/d", "/c", "exit 5"], None), Exit::Code(5));
}

#[test]
fn a_request_to_stop_ends_a_program_that_would_run_for_ever() {
    let signals = StopSignals::install().unwrap();
    signals.request().unwrap();
    let exit = stay(&["/d", "/c", "for /l %i in (0,0,1) do @rem"], Some(signals));
    assert!(!exit.is_success(), "{exit}");
}

#[test]
fn a_program_that_can_not_be_run_leaves_the_shim_pending() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::new(folder.path().join("gateway.pid")).unwrap();
    let pending = Pending::begin(&instance).unwrap();
    let lock = LifeLock::acquire(&instance.lock_file()).unwrap().unwrap();
    let missing = folder.path().join("missing.exe");
    assert!(become_program(&missing, &[], lock, pending, None).is_err());
    assert!(instance.shim_file().exists());
}
