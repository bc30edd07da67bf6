//! A PID file of whatever origin: either nobody is meant by it, or one process that a signal could reach alone.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use hiro_process::{read_pid, read_pid_and_start};
use libfuzzer_sys::fuzz_target;

/// In memory where the system has such a folder: it is written for every input.
static PID_FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
    folder.join(format!("hiro-fuzz-{}.pid", std::process::id()))
});

fn read(content: &[u8]) -> Option<(u32, Option<f64>)> {
    fs::write(&*PID_FILE, content).expect("a file of the target's own");
    let found = read_pid_and_start(&PID_FILE);
    assert_eq!(read_pid(&PID_FILE), found.map(|(pid, _)| pid), "both readers see the same");
    found.map(|(pid, start)| (pid.get(), start))
}

fuzz_target!(|content: &[u8]| {
    let found = read(content);
    fs::remove_file(&*PID_FILE).expect("it was just written");
    let Some((pid, start)) = found else { return };
    // Zero is the caller's own group, and what is negative another: a signal to them would reach many.
    assert!(pid > 0 && i32::try_from(pid).is_ok() && content.len() <= 256, "{pid}");
    assert!(start.is_none_or(f64::is_finite), "{start:?}");
    let rewritten = start.map_or_else(|| pid.to_string(), |start| format!("{pid}\n{start}"));
    assert_eq!(read(rewritten.as_bytes()), Some((pid, start)));
    fs::remove_file(&*PID_FILE).expect("it was just written");
});
