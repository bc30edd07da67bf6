//! The disk of the system and the network, with rates between two looks.
//!
//! What can't be told is null: rates at the first look, and of a disk for which the system counts nothing.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sysinfo::{Disk, DiskRefreshKind, Disks, Networks};

use crate::server::usage::round;

/// Whose disk is meant.
const ROOT: &str = if cfg!(windows) { "C:\\" } else { "/" };

/// What is kept between two looks: what was counted by then.
#[derive(Default)]
pub(super) struct Devices {
    disks: Option<Disks>,
    networks: Option<Networks>,
    looked_at: Option<Instant>,
}

impl Devices {
    /// Disk and network.
    pub(super) fn look(&mut self, now: Instant) -> (Value, Value) {
        let elapsed = self.looked_at.replace(now).map(|before| now.duration_since(before));
        (self.disk(elapsed), self.network(elapsed))
    }

    fn disk(&mut self, elapsed: Option<Duration>) -> Value {
        if self.disks.is_none() {
            // Their names alone: to ask a network's disk that is away for its space can take for ever.
            self.disks = Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing()).ok();
        }
        let mut disks = self.disks.iter_mut().flatten();
        let Some(disk) = disks.find(|disk| disk.mount_point() == Path::new(ROOT)) else { return Value::Null };
        disk.refresh_specifics(DiskRefreshKind::nothing().with_storage().with_io_usage());
        let (total, free) = (disk.total_space(), disk.available_space());
        let used = total.saturating_sub(free);
        let (read, written) = rates(disk, elapsed);
        json!({
            "total_bytes": total,
            "used_bytes": used,
            "free_bytes": free,
            "percent": if total == 0 { 0.0 } else { round(100.0 * used as f64 / total as f64) },
            "read_bytes_per_sec": read,
            "write_bytes_per_sec": written,
        })
    }

    fn network(&mut self, elapsed: Option<Duration>) -> Value {
        match &mut self.networks {
            Some(networks) => networks.refresh(true),
            None => self.networks = Networks::new_with_refreshed_list().ok(),
        }
        let Some(networks) = &self.networks else { return Value::Null };
        let sum = |count: fn(&sysinfo::NetworkData) -> u64| networks.values().map(count).sum::<u64>();
        json!({
            "bytes_sent_per_sec": bytes_per_second(sum(|card| card.transmitted()), elapsed),
            "bytes_recv_per_sec": bytes_per_second(sum(|card| card.received()), elapsed),
            "packets_sent_per_sec": per_second(sum(|card| card.packets_transmitted()), elapsed).map(round),
            "packets_recv_per_sec": per_second(sum(|card| card.packets_received()), elapsed).map(round),
        })
    }
}

/// What was read and written per second. A system disk that was never read from since the computer started is one that
/// the system doesn't count.
fn rates(disk: &Disk, elapsed: Option<Duration>) -> (Option<u64>, Option<u64>) {
    let usage = disk.usage();
    let elapsed = elapsed.filter(|_| usage.total_read_bytes > 0);
    (bytes_per_second(usage.read_bytes, elapsed), bytes_per_second(usage.written_bytes, elapsed))
}

fn bytes_per_second(bytes: u64, elapsed: Option<Duration>) -> Option<u64> {
    per_second(bytes, elapsed).map(|rate| rate.round() as u64)
}

fn per_second(count: u64, elapsed: Option<Duration>) -> Option<f64> {
    let elapsed = elapsed.filter(|elapsed| !elapsed.is_zero())?;
    Some(count as f64 / elapsed.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_needs_two_looks() {
        let mut devices = Devices::default();
        let begun = Instant::now();
        let (disk, network) = devices.look(begun);
        assert!(disk.is_null() || disk["total_bytes"].as_u64().is_some_and(|total| total > 0), "{disk}");
        assert!(network["bytes_recv_per_sec"].is_null() && disk["read_bytes_per_sec"].is_null());
        let (_, network) = devices.look(begun + Duration::from_secs(2));
        assert!(network["bytes_recv_per_sec"].is_u64() && network["packets_sent_per_sec"].is_number());
    }

    #[test]
    fn bytes_are_whole() {
        let two = Some(Duration::from_secs(2));
        assert_eq!((bytes_per_second(5, two), per_second(5, two)), (Some(3), Some(2.5)));
        assert_eq!((per_second(5, None), per_second(5, Some(Duration::ZERO))), (None, None));
    }
}
