//! Ports that no other test on this machine uses at the same time: below those that systems hand out to clients.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, PoisonError};

/// As many ports as a league and its neighbours in one test need.
const BLOCK: u16 = 40;

/// Programs under Wine have another folder for their locks: they must not meet those of the system below.
const FIRST: u16 = if cfg!(windows) { 26_000 } else { 20_000 };
const LAST: u16 = FIRST + 6_000;

/// A block of ports, until it is dropped or the test dies.
#[derive(Debug)]
pub struct Ports {
    /// The first one.
    pub first: u16,
    _lock: File,
}

impl Ports {
    /// The first block that nobody has.
    ///
    /// # Panics
    /// Where all are taken.
    #[must_use]
    pub fn reserve() -> Self {
        let folder = std::env::temp_dir().join("hiro-test-ports");
        fs::create_dir_all(&folder).expect("a folder for the locks");
        let mut blocks = (FIRST..LAST).step_by(BLOCK.into());
        let reserved = blocks.find_map(|first| {
            let lock = File::create(folder.join(first.to_string())).expect("a lock file");
            // What a test that was killed has left may still listen, although nobody has the lock.
            let is_free = lock.try_lock().is_ok() && (first..first + BLOCK).all(is_free);
            is_free.then_some(Self { first, _lock: lock })
        });
        reserved.expect("a block of ports that no other test has")
    }
}

/// A port that nobody listens on, and that nobody else gets before this test program ends.
///
/// A port that the system chose and that was closed again would not do: the system may give it to the next client.
///
/// # Panics
/// Where all are taken.
#[must_use]
pub fn free_port() -> u16 {
    static RESERVED: Mutex<Vec<(Ports, u16)>> = Mutex::new(Vec::new());
    let mut blocks = RESERVED.lock().unwrap_or_else(PoisonError::into_inner);
    if blocks.last().is_none_or(|(_, given)| *given == BLOCK) {
        blocks.push((Ports::reserve(), 0));
    }
    let (block, given) = blocks.last_mut().expect("there is one now");
    *given += 1;
    block.first + *given - 1
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
