//! What a puppet can do to itself on Windows: what has no counterpart there says so.

use anyhow::bail;

/// Nothing to leave: there are no sessions of this kind, and a job is not left by asking.
pub(super) fn own_session() -> anyhow::Result<()> {
    Ok(())
}

/// Nothing to ignore: there is no SIGTERM, and a puppet without announcement hears no stop event.
pub(super) fn ignore_term() -> anyhow::Result<()> {
    Ok(())
}

pub(super) fn limit_file_size(_bytes: u64) -> anyhow::Result<()> {
    bail!("Windows has no limit of a file's size")
}

pub(super) fn as_nobody(_script: &[String]) -> anyhow::Result<()> {
    bail!("Windows has no user `nobody`")
}

pub(super) fn birth() -> anyhow::Result<String> {
    bail!("Windows does not list what a process was born with")
}

/// Nanoseconds of the clock that all processes of this machine share.
pub(super) fn clock() -> anyhow::Result<i128> {
    Ok(i128::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_nanos())?)
}
