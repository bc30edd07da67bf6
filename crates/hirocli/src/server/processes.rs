//! All instances of the workspace with what they cost: the rows of `hiro status --json`, as the server sees them.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use hiro_process::{Identity, Pid, tree_of};
use hirogateway::report::InstanceReport;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::context::Context;
use super::usage::{Gauge, Usage};
use crate::Error;
use crate::services;
use crate::tools;
use crate::workspace::registry;

/// An instance and what it costs, where it runs.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) report: InstanceReport,
    pub(super) metrics: Option<Metrics>,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Metrics {
    #[serde(flatten)]
    pub(super) usage: Usage,
    uptime_seconds: f64,
    restarts: u64,
}

/// The rows, one look at a time: whoever asks meanwhile waits.
pub(super) async fn rows(context: &Arc<Context>) -> Result<Vec<Row>, Error> {
    let mut gauge = context.gauge.clone().lock_owned().await;
    let context = context.clone();
    let looked = spawn_blocking(move || look(&context, &mut gauge));
    looked.await.expect("a look doesn't panic")
}

/// The row of one instance, by its name in statuses.
pub(super) async fn report(context: &Arc<Context>, name: &str) -> Result<Option<InstanceReport>, Error> {
    let context = context.clone();
    let reports = spawn_blocking(move || reports(&context)).await.expect("a look doesn't panic")?;
    Ok(reports.into_iter().find(|report| report.name == name))
}

fn look(context: &Context, gauge: &mut Gauge) -> Result<Vec<Row>, Error> {
    let reports = reports(context)?;
    let leaders: Vec<Option<Identity>> = reports.iter().map(leader).collect();
    let trees: Vec<Vec<Identity>> =
        leaders.iter().map(|leader| leader.map(tree).unwrap_or_default()).collect();
    let usages = gauge.measure(&trees, Instant::now());
    let known = context.supervision.snapshot();
    let rows = reports.into_iter().zip(leaders).zip(usages).map(|((report, leader), usage)| {
        let metrics = leader.map(|leader| Metrics {
            usage,
            uptime_seconds: uptime(leader),
            restarts: known.get(&report.name).map_or(0, |account| account.restarts),
        });
        Row { report, metrics }
    });
    Ok(rows.collect())
}

fn reports(context: &Context) -> Result<Vec<InstanceReport>, Error> {
    let registry = registry::load(&context.home.data);
    let is_default = registry.is_ok_and(|registry| registry.default_workspace == context.entry.id);
    let mut rows = tools::server::reports(&context.entry, is_default)?;
    // Definitions that can't be read are told by the command line; what runs is found without them.
    rows.extend(services::reports(&context.home, &context.entry)?.0);
    Ok(rows)
}

fn leader(report: &InstanceReport) -> Option<Identity> {
    Identity::of(Pid::try_from(report.pid?).ok()?).ok()?
}

/// Where the tree can't be told its process stands for it.
fn tree(leader: Identity) -> Vec<Identity> {
    tree_of(&leader).unwrap_or_else(|error| {
        tracing::debug!(%error, "the tree of an instance is unknown");
        vec![leader]
    })
}

fn uptime(leader: Identity) -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let begun = leader.start_time.seconds_since_epoch().unwrap_or(now);
    ((now - begun).max(0.0) * 1e3).round() / 1e3
}

impl Row {
    /// The row as JSON: `metrics` is null where nothing runs.
    pub(super) fn to_json(&self) -> Value {
        let mut row = json!(self.report);
        row["metrics"] = json!(self.metrics);
        row
    }
}
