//! What instances cost: processor time and memory of all the processes of each, not of a launcher's alone.
//!
//! Nothing runs between two measurements: the share of the processor is what was used since an earlier one, a second
//! ago at least, or else since the process began.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use hiro_process::Identity;
use serde::Serialize;
use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// Shares over less than this say nothing: processor time is counted in steps of 10 ms.
const SHORTEST: Duration = Duration::from_secs(1);

/// What an instance costs now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(super) struct Usage {
    /// 100 is one processor.
    pub(super) cpu_percent: f64,
    pub(super) rss_bytes: u64,
    pub(super) vms_bytes: u64,
    /// Absent where the operating system doesn't tell.
    pub(super) num_threads: Option<usize>,
    pub(super) num_processes: usize,
}

/// What one process has used so far.
#[derive(Debug, Clone, Copy)]
struct Spent {
    cpu: Duration,
    age: Duration,
    rss_bytes: u64,
    vms_bytes: u64,
    num_threads: Option<usize>,
}

/// Two earlier measurements, of which the older one is compared with.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    older: Option<Measurement>,
    newer: Option<Measurement>,
}

#[derive(Debug, Clone)]
struct Measurement {
    at: Instant,
    cpu: HashMap<Identity, Duration>,
}

impl Gauge {
    /// Measures each of `trees`, the processes of one instance each.
    pub(super) fn measure(&mut self, trees: &[Vec<Identity>], now: Instant) -> Vec<Usage> {
        let all: Vec<Identity> = trees.iter().flatten().copied().collect();
        let spent = look(&all);
        self.advance(now);
        let usage = |tree: &Vec<Identity>| {
            let live = tree.iter().filter_map(|identity| Some((identity, spent.get(identity)?)));
            live.fold(Usage::default(), |sum, (identity, spent)| {
                sum.add(spent, self.share(identity, spent, now))
            })
        };
        let usages = trees.iter().map(usage).collect();
        if self.newer.is_none() {
            let cpu = spent.into_iter().map(|(identity, spent)| (identity, spent.cpu)).collect();
            self.newer = Some(Measurement { at: now, cpu });
        }
        usages
    }

    /// Makes the newer measurement the one that is compared with, once it is old enough.
    fn advance(&mut self, now: Instant) {
        if let Some(newer) = self.newer.take_if(|newer| now.duration_since(newer.at) >= SHORTEST) {
            self.older = Some(newer);
        }
    }

    fn share(&self, identity: &Identity, spent: &Spent, now: Instant) -> f64 {
        let before = self.older.as_ref().and_then(|older| Some((older.at, *older.cpu.get(identity)?)));
        match before {
            Some((at, cpu)) => percent(spent.cpu.saturating_sub(cpu), now.duration_since(at)),
            None => percent(spent.cpu, spent.age.max(SHORTEST)),
        }
    }
}

impl Usage {
    fn add(self, spent: &Spent, share: f64) -> Self {
        Self {
            cpu_percent: round(self.cpu_percent + share),
            rss_bytes: self.rss_bytes + spent.rss_bytes,
            vms_bytes: self.vms_bytes + spent.vms_bytes,
            num_threads: match (self.num_threads, spent.num_threads) {
                (Some(sum), Some(more)) => Some(sum + more),
                (sum, more) => sum.or(more),
            },
            num_processes: self.num_processes + 1,
        }
    }
}

fn percent(used: Duration, of: Duration) -> f64 {
    100.0 * used.as_secs_f64() / of.as_secs_f64().max(f64::EPSILON)
}

/// One decimal, as the Python packages have it.
pub(super) fn round(percent: f64) -> f64 {
    (percent * 10.0).round() / 10.0
}

/// What each of the processes has used. One that has ended meanwhile is left out.
fn look(processes: &[Identity]) -> HashMap<Identity, Spent> {
    let Ok(mut system) = System::new() else { return HashMap::new() };
    let pids: Vec<Pid> = processes.iter().map(|identity| Pid::from_u32(identity.pid.get())).collect();
    let details = ProcessRefreshKind::nothing().with_cpu().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&pids), false, details);
    let spent = |identity: &Identity| {
        let process = system.process(Pid::from_u32(identity.pid.get()))?;
        let spent = Spent {
            cpu: Duration::from_millis(process.accumulated_cpu_time()),
            age: Duration::from_secs(process.run_time()),
            rss_bytes: process.memory(),
            vms_bytes: process.virtual_memory(),
            num_threads: process.tasks().map(|tasks| tasks.len().max(1)),
        };
        Some((*identity, spent))
    };
    processes.iter().filter_map(spent).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_costs_what_its_processes_cost_together() {
        let own = Identity::current().unwrap();
        let mut gauge = Gauge::default();
        let usages = gauge.measure(&[vec![own], vec![own, own], vec![]], Instant::now());
        assert!(usages[0].rss_bytes > 100_000, "{usages:?}");
        assert_eq!(usages[1].rss_bytes, 2 * usages[0].rss_bytes);
        assert_eq!((usages[1].num_processes, usages[2].num_processes), (2, 0));
        assert_eq!(usages[2].rss_bytes, 0);
    }

    #[test]
    fn a_share_is_compared_with_a_measurement_that_is_a_second_old_at_least() {
        let own = Identity::current().unwrap();
        let begun = Instant::now();
        let mut gauge = Gauge::default();
        for (after, older) in
            [(0, None), (900, None), (1_000, Some(0)), (1_500, Some(0)), (2_500, Some(1_000))]
        {
            gauge.measure(&[vec![own]], begun + Duration::from_millis(after));
            let at = gauge.older.as_ref().map(|older| older.at - begun);
            assert_eq!(at, older.map(Duration::from_millis), "after {after}");
        }
    }

    #[test]
    fn half_a_second_of_a_second_is_fifty_percent() {
        assert_eq!(percent(Duration::from_millis(500), Duration::from_secs(1)), 50.0);
        assert_eq!(round(12.34), 12.3);
    }
}
