//! What a puppet can do to itself on Windows: what has no counterpart there says so.

use anyhow::bail;

pub(super) fn own_session() -> anyhow::Result<()> {
    bail!("Windows has no sessions of this kind")
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
pub(super) fn clock() -> anyhow::Result<u128> {
    Ok(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_nanos())
}
