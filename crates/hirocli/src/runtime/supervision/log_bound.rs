//! Keeps the stderr log of a running child from filling the disk.
//!
//! Nothing tells how large a file has grown, so it is looked at: rarely while it hardly grows, often while it is filled.

use std::path::PathBuf;
use std::time::Duration;

use hiro_process::{Instance, Record, Rotation, cut_log};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// A log of so many bytes is cut while its child runs, unless it is configured otherwise.
pub const STDERR_LIMIT: u64 = 64 * 1024 * 1024;

const RARELY: Duration = Duration::from_secs(1);
const OFTEN: Duration = Duration::from_millis(50);

/// Returns when the log was cut, and looks again when it is called again.
pub(super) async fn until_cut(instance: Instance, limit: u64) {
    let mut before = 0;
    loop {
        let looked_at = instance.clone();
        let look = spawn_blocking(move || look(&looked_at, limit)).await;
        let Look { size, is_cut } = look.unwrap_or_default();
        if is_cut {
            return;
        }
        sleep(pause(size.saturating_sub(before), limit)).await;
        before = size;
    }
}

#[derive(Debug, Default)]
struct Look {
    size: u64,
    is_cut: bool,
}

fn look(instance: &Instance, limit: u64) -> Look {
    let log = log_of(instance);
    let size = std::fs::metadata(&log).map_or(0, |metadata| metadata.len());
    let is_cut = size > limit
        && cut_log(&log, limit, Rotation::default().kept).unwrap_or_else(|error| {
            tracing::error!(log = %log.display(), %error, "can't cut a log");
            false
        });
    Look { size, is_cut }
}

fn log_of(instance: &Instance) -> PathBuf {
    let written = Record::read(instance).and_then(|record| record.stderr_log);
    written.unwrap_or_else(|| instance.stderr_log())
}

/// Soon where the log has grown so fast that it could be beyond its limit before long. Pure.
fn pause(growth: u64, limit: u64) -> Duration {
    if growth > limit / 64 { OFTEN } else { RARELY }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_log_that_grows_fast_is_looked_at_often() {
        assert_eq!(pause(1000, STDERR_LIMIT), RARELY);
        assert_eq!(pause(STDERR_LIMIT, STDERR_LIMIT), OFTEN);
    }
}
