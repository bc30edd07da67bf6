//! Where there is no `/proc`: times and memory of another process are not measured, and the limit of sockets stays.

use std::time::Duration;

#[expect(clippy::unnecessary_wraps, reason = "the same contract as on Linux")]
pub(crate) fn processor_time(_pid: u32) -> anyhow::Result<Option<Duration>> {
    Ok(None)
}

#[expect(clippy::unnecessary_wraps, reason = "the same contract as on Linux")]
pub(crate) fn resident_kib(_pid: u32) -> anyhow::Result<Option<u64>> {
    Ok(None)
}

#[expect(clippy::unnecessary_wraps, reason = "the same contract as on Linux")]
pub(crate) fn raise_descriptor_limit() -> anyhow::Result<Option<u64>> {
    Ok(None)
}
