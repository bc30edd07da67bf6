//! What another process was started with: its arguments and its launch id.

use std::io;

use super::argument_words;
use super::process_memory::ProcessMemory;
use crate::launch_context;
use crate::pid::Pid;

/// The launch id in the environment of the process, where it may be read.
pub(crate) fn launch_id(pid: Pid) -> Option<String> {
    let environment = ProcessMemory::open(pid).ok()??.environment().ok()?;
    let prefix: Vec<u16> = format!("{}=", launch_context::ID).encode_utf16().collect();
    let value =
        environment.split(|unit| *unit == 0).find_map(|entry| entry.strip_prefix(prefix.as_slice()))?;
    String::from_utf16(value).ok()
}

pub(crate) fn carries_launch(pid: Pid, id: &str) -> bool {
    launch_id(pid).is_some_and(|found| found == id)
}

pub(crate) fn command_line(pid: Pid) -> io::Result<Vec<String>> {
    let Some(memory) = ProcessMemory::open(pid)? else { return Ok(Vec::new()) };
    let line = memory.command_line()?;
    Ok(argument_words::split(&line).iter().map(|word| String::from_utf16_lossy(word)).collect())
}

#[cfg(test)]
mod tests {
    use super::{carries_launch, command_line, launch_id};
    use crate::pid::Pid;

    #[test]
    fn this_process_reads_its_own_arguments_as_it_was_given_them() {
        let own: Vec<String> = std::env::args().collect();
        assert_eq!(command_line(Pid::current()).unwrap(), own);
    }

    #[test]
    fn a_process_without_a_launch_carries_none() {
        assert_eq!(launch_id(Pid::current()), std::env::var(crate::launch_context::ID).ok());
        assert!(!carries_launch(Pid::current(), "nobody's"));
    }
}
