//! The least that a child can do to be seen: it puts its PID into a file, in one step. The benchmark's floor.

use std::{env, fs, io, process};

fn main() -> io::Result<()> {
    let path = env::args_os().nth(1).ok_or(io::ErrorKind::InvalidInput)?;
    let mut temporary = path.clone();
    temporary.push(".tmp");
    fs::write(&temporary, process::id().to_string())?;
    fs::rename(temporary, path)
}
