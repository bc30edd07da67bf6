//! What a process says of itself, in a JSON file beside its PID file: written before the PID file and again at every
//! phase, by that process alone.

use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fmt, io};

use serde::{Deserialize, Serialize};

use crate::files::{self, Durability};
use crate::identity::{Identity, StartTime};
use crate::instance::Instance;
use crate::pid::Pid;
use crate::sys;

/// A record larger than this is none.
const LARGEST: u64 = 64 * 1024;

/// How far a process has come. Written by the process itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It is there and does not yet do its job.
    Starting,
    /// It does its job: the port is bound.
    Ready,
    /// It was asked to stop, or restarts itself, and is on its way out.
    Stopping,
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Stopping => "stopping",
        })
    }
}

/// What one process wrote of itself. Keys are added, never renamed; unknown ones are ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// 1.
    pub schema: u32,
    /// The number that the PID file holds too; otherwise the record is another run's.
    pub pid: Pid,
    /// The start time in the platform's exact unit.
    pub start_time: StartTime,
    /// The start time in seconds since the epoch, for people and other tools.
    pub start_time_epoch: f64,
    /// The boot that the process belongs to.
    pub boot_id: String,
    /// Which start this was; absent where the process was started in the foreground.
    #[serde(default)]
    pub launch_id: Option<String>,
    /// The process that was spawned to start this one, where that is another: `uv`, say.
    #[serde(default)]
    pub launcher: Option<Identity>,
    /// How far it has come.
    pub phase: Phase,
    /// The phase counts as ready as soon as the shim has become the program.
    #[serde(default)]
    pub ready_on_exec: bool,
    /// The version that the program gave.
    #[serde(default)]
    pub version: String,
    /// Where a stop is asked for, on platforms without SIGTERM.
    #[serde(default)]
    pub stop_address: Option<String>,
    /// When the process announced itself, in seconds since the epoch.
    pub announced_at: f64,
    /// When it entered `phase`, in seconds since the epoch.
    pub phase_at: f64,
    /// Where its stderr goes.
    #[serde(default)]
    pub stderr_log: Option<PathBuf>,
    /// Where this run's lines begin in that file, in bytes.
    #[serde(default)]
    pub stderr_offset: u64,
    /// The process that takes this one's place: it restarts itself.
    #[serde(default)]
    pub successor: Option<Successor>,
    /// The process whose place this one took: its PID may still stand in the PID file for an instant.
    #[serde(default)]
    pub predecessor: Option<Identity>,
}

/// The next process of an instance that restarts itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Successor {
    /// The process that was started: a launcher, perhaps.
    pub identity: Identity,
    /// Its launch.
    pub launch_id: String,
    /// Where its stderr goes.
    pub stderr_log: PathBuf,
    /// Where its lines begin in that file, in bytes.
    pub stderr_offset: u64,
}

impl Record {
    /// The process that wrote it.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity { pid: self.pid, start_time: self.start_time }
    }

    /// When the process announced itself.
    #[must_use]
    pub fn announced(&self) -> SystemTime {
        at(self.announced_at)
    }

    /// Reads a record; `None` for what isn't one: other text, a cut file, a PID out of range.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let record: Self = serde_json::from_slice(bytes).ok()?;
        let times = [record.start_time_epoch, record.announced_at, record.phase_at];
        (record.schema == 1 && times.iter().all(|time| time.is_finite())).then_some(record)
    }

    /// Reads the record of an instance; `None` where there is none that can be read.
    #[must_use]
    pub fn read(instance: &Instance) -> Option<Self> {
        Self::parse(&read_limited(&instance.record_file(), LARGEST).ok()??)
    }

    pub(crate) fn write(&self, instance: &Instance) -> io::Result<()> {
        files::replace(&instance.record_file(), &to_json(self)?, Durability::Volatile)
    }
}

pub(crate) fn to_json(value: &impl Serialize) -> io::Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(io::Error::other)
}

/// The bytes of a regular file of the caller's own; `None` where there is none, or a larger, or somebody else's.
pub(crate) fn read_limited(path: &std::path::Path, largest: u64) -> io::Result<Option<Vec<u8>>> {
    let mut file = match sys::open_no_follow(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > largest || !sys::is_owned_by_caller(&file, &metadata)? {
        return Ok(None);
    }
    let mut bytes = vec![0; usize::try_from(metadata.len()).unwrap_or_default()];
    // A file that was replaced keeps its old length in this handle: what is read is whole.
    file.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

/// The time now in seconds since the epoch.
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn at(seconds: f64) -> SystemTime {
    Duration::try_from_secs_f64(seconds)
        .ok()
        .and_then(|since| UNIX_EPOCH.checked_add(since))
        .unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::{Phase, Record};
    use proptest::prelude::{any, proptest};

    const SAMPLE: &str = r#"{"schema":1,"pid":4711,"start_time":9000,"start_time_epoch":1795343201.36,
        "boot_id":"b","phase":"ready","announced_at":1.0,"phase_at":2.0,"added_later":{"x":[1]}}"#;

    #[test]
    fn a_record_survives_keys_that_come_later_and_lacks_none_of_the_optional_ones() {
        let record = Record::parse(SAMPLE.as_bytes()).unwrap();
        assert_eq!((record.pid.get(), record.phase, record.stderr_offset), (4711, Phase::Ready, 0));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let record = Record::parse(SAMPLE.as_bytes()).unwrap();
        assert_eq!(Record::parse(&super::to_json(&record).unwrap()), Some(record));
    }

    #[test]
    fn a_pid_out_of_range_is_no_record() {
        for pid in ["0", "-1", "4294967296", "\"4711\"", "1.5"] {
            assert_eq!(Record::parse(SAMPLE.replace("4711", pid).as_bytes()), None, "{pid}");
        }
    }

    proptest! {
        #[test]
        fn a_cut_record_is_none(length in 0..SAMPLE.len()) {
            assert_eq!(Record::parse(&SAMPLE.as_bytes()[..length]), None);
        }

        #[test]
        fn no_bytes_make_the_parser_panic(bytes in any::<Vec<u8>>()) {
            let _ = Record::parse(&bytes);
        }
    }
}
