//! The arguments and the environment that a process was started with (`KERN_PROCARGS2`).
//!
//! The kernel shows them of the caller's own processes only, and keeps the environment of Apple's protected ones back.

use std::io;

use super::sysctl;
use crate::launch_context;
use crate::pid::Pid;

/// `ARG_MAX` of macOS: arguments and environment together can't be larger.
const LARGEST: usize = 1024 * 1024;

/// What stands in the block, in the order in which the kernel writes it.
#[derive(Debug, PartialEq, Eq)]
struct Block<'a> {
    arguments: Vec<&'a [u8]>,
    environment: Vec<&'a [u8]>,
}

impl<'a> Block<'a> {
    /// A count, the path that was run, null bytes, then the arguments and the variables, each with a null byte behind
    /// it; an empty one ends them.
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk::<4>()?;
        let count = usize::try_from(i32::from_ne_bytes(*count)).ok()?;
        let end_of_path = rest.iter().position(|byte| *byte == 0)?;
        let padding = rest[end_of_path..].iter().take_while(|byte| **byte == 0).count();
        let mut words = rest[end_of_path + padding..].split(|byte| *byte == 0);
        let arguments = words.by_ref().take(count).collect();
        let environment = words.take_while(|word| !word.is_empty()).collect();
        Some(Self { arguments, environment })
    }
}

fn read(pid: Pid) -> io::Result<Vec<u8>> {
    sysctl::bytes(&mut [libc::CTL_KERN, libc::KERN_PROCARGS2, pid.get().cast_signed()], LARGEST)
}

/// The launch id in the environment that the process was started with, where it may be read.
pub(crate) fn launch_id(pid: Pid) -> Option<String> {
    let bytes = read(pid).ok()?;
    let prefix = format!("{}=", launch_context::ID);
    let value = Block::parse(&bytes)?
        .environment
        .into_iter()
        .find_map(|entry| entry.strip_prefix(prefix.as_bytes()))?;
    String::from_utf8(value.to_vec()).ok()
}

pub(crate) fn carries_launch(pid: Pid, id: &str) -> bool {
    launch_id(pid).is_some_and(|found| found == id)
}

pub(crate) fn command_line(pid: Pid) -> io::Result<Vec<String>> {
    let bytes = read(pid)?;
    let block = Block::parse(&bytes).ok_or_else(|| {
        io::Error::new(io::ErrorKind::InvalidData, "the kernel's argument block is malformed")
    })?;
    Ok(block.arguments.into_iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::Block;

    fn block(count: i32, rest: &[u8]) -> Vec<u8> {
        [count.to_ne_bytes().as_slice(), rest].concat()
    }

    #[test]
    fn arguments_and_variables_are_told_apart_by_the_count() {
        let bytes = block(2, b"/bin/x\0\0\0x\0\0A=1\0B=\0\0apple\0");
        let parsed = Block::parse(&bytes).unwrap();
        assert_eq!(parsed.arguments, [b"x".as_slice(), b""]);
        assert_eq!(parsed.environment, [b"A=1".as_slice(), b"B="]);
    }

    #[test]
    fn a_cut_block_is_none_or_shorter_and_never_a_panic() {
        let bytes = block(2, b"/bin/x\0\0\0x\0y\0A=1\0\0");
        for length in 0..bytes.len() {
            let _ = Block::parse(&bytes[..length]);
        }
        assert_eq!(Block::parse(&block(-1, b"/bin/x\0x\0")), None);
    }
}
