//! Another program in the place of this one: a Python gateway or server in the foreground.

#[cfg(unix)]
pub use posix::replace;
#[cfg(not(unix))]
pub use waiting::replace;

#[cfg(unix)]
mod posix {
    use std::io;
    use std::os::unix::process::CommandExt;
    use std::process::{Command, ExitCode};

    /// Becomes `program`: signals and exit codes are then its own. Returns only where that fails.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn replace(mut program: Command) -> io::Result<ExitCode> {
        Err(program.exec())
    }
}

#[cfg(not(unix))]
mod waiting {
    use std::io;
    use std::process::{Command, ExitCode};

    /// Runs `program`, and stays until it has ended: there is no `exec`. Gives its exit code, or 1 where that has no byte.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn replace(mut program: Command) -> io::Result<ExitCode> {
        let code = program.status()?.code().and_then(|code| u8::try_from(code).ok());
        Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
    }
}
