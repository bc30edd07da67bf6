//! What a caller sees of instances of any kind: one row each, the same in `--json` and in the table.
//!
//! The JSON form is a contract: keys are added, never renamed. A row says no more than the witnesses do.

mod columns;
mod duration;
mod state_name;
mod table;

use std::path::{Path, PathBuf};

use hiro_process::{Instance, State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use columns::columns;
pub use state_name::StateName;
pub use table::table;

/// The version of the JSON form.
pub const SCHEMA: u32 = 1;

/// What `status --json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reports {
    /// [`SCHEMA`].
    pub schema: u32,
    /// A row for every instance.
    pub instances: Vec<InstanceReport>,
}

/// What kind of process an instance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The server of a workspace: `server:<workspace>`.
    Server,
    /// A gateway: `gateway:<name>`.
    Gateway,
    /// A channel plugin: `channel:<workspace>/<name>`.
    Channel,
    /// Any other program of a workspace: `service:<workspace>/<name>`.
    Service,
}

/// Who does the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Runtime {
    /// A program of this workspace.
    Native,
    /// Python, through uv.
    Uv,
}

/// One instance.
///
/// ```
/// use hiro_process::{Instance, get_status};
/// use hirogateway::report::{InstanceReport, Kind, Runtime, StateName};
///
/// let folder = std::env::temp_dir().join("no-such-instance");
/// let instance = Instance::new(folder.join("gateway.pid"))?;
/// let row = InstanceReport::new(Kind::Gateway, "home", &instance, &get_status(&instance), Runtime::Native);
/// assert_eq!((row.name.as_str(), row.state), ("gateway:home", StateName::Stopped));
/// assert_eq!(row.state.exit_code(), 3);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InstanceReport {
    /// The kind and the name within it: `gateway:home`.
    pub name: String,
    /// The kind.
    pub kind: Kind,
    /// What the witnesses say.
    pub state: StateName,
    /// The live process; `None` where there is none for certain.
    pub pid: Option<u32>,
    /// When that process started, in UTC with a final `Z`.
    pub started_at: Option<String>,
    /// Who does the work.
    pub runtime: Runtime,
    /// Where stderr goes.
    pub stderr_log: PathBuf,
    /// The log that tells most about it now; absent: stderr's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<PathBuf>,
    /// All that is wrong: the crash, the doubt, a configuration that can't be used.
    pub last_error: Option<String>,
    /// The number of a process that has gone, or that nothing certain can be said of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_pid: Option<u32>,
    /// The version that the live process gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where it is to be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The host that it listens on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The port as it is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<i64>,
    /// Its folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// Whether it is the one that is meant when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_default: Option<bool>,
    /// What only instances of its kind have.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Reports {
    /// The rows, in this order.
    #[must_use]
    pub fn new(instances: Vec<InstanceReport>) -> Self {
        Self { schema: SCHEMA, instances }
    }
}

impl Kind {
    /// The word before the colon of an instance's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Gateway => "gateway",
            Self::Channel => "channel",
            Self::Service => "service",
        }
    }

    /// How an instance of this kind is called: `gateway:home`.
    #[must_use]
    pub fn instance_name(self, name: &str) -> String {
        format!("{}:{name}", self.name())
    }
}

impl InstanceReport {
    /// The row of an instance: what `state` says of it, and where its log is. Everything else is left open.
    #[must_use]
    pub fn new(kind: Kind, name: &str, instance: &Instance, state: &State, runtime: Runtime) -> Self {
        let run = state.run();
        let record = run.and_then(|run| run.record.as_ref());
        Self {
            name: kind.instance_name(name),
            kind,
            state: StateName::of(state),
            pid: run.map(|run| run.identity.pid.get()),
            started_at: run
                .and_then(|run| run.identity.start_time.seconds_since_epoch().ok())
                .and_then(with_z),
            runtime,
            stderr_log: stderr_log(state).unwrap_or_else(|| instance.stderr_log()),
            log: None,
            last_error: what_is_wrong(state),
            last_pid: last_pid(state),
            version: record.map(|record| record.version.clone()).filter(|version| !version.is_empty()),
            url: None,
            host: None,
            port: None,
            path: None,
            is_default: None,
            other: Map::new(),
        }
    }

    /// The log to look at first.
    #[must_use]
    pub fn log_to_read(&self) -> &Path {
        self.log.as_ref().unwrap_or(&self.stderr_log)
    }

    /// Adds to what is wrong with the instance.
    pub fn add_error(&mut self, error: impl Into<String>) {
        let error = error.into();
        self.last_error = Some(match self.last_error.take() {
            Some(before) => format!("{before}; {error}"),
            None => error,
        });
    }
}

fn what_is_wrong(state: &State) -> Option<String> {
    match state {
        State::Crashed(crash) => Some(crash.to_string()),
        State::Unverifiable(doubt) => Some(doubt.reason.clone()),
        _ => None,
    }
}

fn last_pid(state: &State) -> Option<u32> {
    let pid = match state {
        State::Crashed(crash) => crash.pid,
        State::Unverifiable(doubt) => doubt.pid,
        _ => None,
    };
    pid.map(u32::from)
}

/// The log of the run that is spoken of; a launch may choose another than the instance's own.
fn stderr_log(state: &State) -> Option<PathBuf> {
    match state {
        State::Crashed(crash) => crash.stderr_log.clone(),
        _ => state.run()?.record.as_ref()?.stderr_log.clone(),
    }
}

fn with_z(seconds_since_epoch: f64) -> Option<String> {
    let since = std::time::Duration::try_from_secs_f64(seconds_since_epoch).ok()?;
    let time = Timestamp::UNIX_EPOCH.checked_add(since).ok()?;
    Some(time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string())
}
