//! One look at the server, its children and the machine, in the form of the Python server.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use hirogateway::report::{Kind, StateName};
use serde_json::{Value, json};
use sysinfo::System;

use super::devices::Devices;
use crate::Error;
use crate::server::context::Context;
use crate::server::processes::{self, Row};
use crate::server::usage::{Usage, round};

/// What is kept of the machine between two looks: its processors' time, and what went through its devices.
#[derive(Default)]
pub(super) struct Machine {
    system: Option<System>,
    devices: Devices,
}

/// A snapshot and its time, in seconds since the epoch.
pub(super) async fn take(context: &Arc<Context>, machine: &mut Machine) -> Result<(f64, Value), Error> {
    let rows = processes::rows(context).await?;
    let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let (servers, children): (Vec<&Row>, Vec<&Row>) =
        rows.iter().partition(|row| row.report.kind == Kind::Server);
    let own = servers.first().and_then(|row| row.metrics).map(|metrics| metrics.usage).unwrap_or_default();
    let children: Vec<Value> = children.into_iter().map(child).collect();
    let mut snapshot = json!({
        "timestamp": timestamp,
        "process": process(own),
        "children": children,
    });
    (snapshot["cpu"], snapshot["memory"]) = machine.look();
    (snapshot["disk"], snapshot["network"]) = machine.devices.look(Instant::now());
    Ok((timestamp, snapshot))
}

fn process(usage: Usage) -> Value {
    json!({
        "pid": std::process::id(),
        "cpu_percent": usage.cpu_percent,
        "rss_bytes": usage.rss_bytes,
        "vms_bytes": usage.vms_bytes,
        "num_threads": usage.num_threads,
    })
}

fn child(row: &Row) -> Value {
    let usage = row.metrics.map(|metrics| metrics.usage).unwrap_or_default();
    let name = row.report.name.rsplit_once('/').map_or(row.report.name.as_str(), |(_, name)| name);
    json!({
        "name": name,
        "instance": row.report.name,
        "pid": row.report.pid,
        "alive": row.report.pid.is_some() && row.report.state != StateName::Crashed,
        "cpu_percent": usage.cpu_percent,
        "rss_bytes": usage.rss_bytes,
        "num_threads": usage.num_threads,
    })
}

impl Machine {
    /// Processors and memory. The first look has nothing to compare with.
    fn look(&mut self) -> (Value, Value) {
        if self.system.is_none() {
            self.system = System::new().ok();
        }
        let Some(system) = &mut self.system else { return (Value::Null, Value::Null) };
        system.refresh_cpu_usage();
        system.refresh_memory();
        let per_core: Vec<f64> = system.cpus().iter().map(|cpu| round(cpu.usage().into())).collect();
        let (total, used) = (system.total_memory(), system.used_memory());
        let share = if total == 0 { 0.0 } else { round(100.0 * used as f64 / total as f64) };
        let memory = json!({
            "total_bytes": total,
            "used_bytes": used,
            "available_bytes": system.available_memory(),
            "percent": share,
        });
        (json!({"percent": round(system.global_cpu_usage().into()), "per_core": per_core}), memory)
    }
}
