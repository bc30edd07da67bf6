//! The rows as plain text: a table, and below it what is wrong.

use std::fmt::Write;

use jiff::Timestamp;

use super::columns::columns;
use super::duration::for_people;
use super::{InstanceReport, Reports};

const HEADINGS: [&str; 6] = ["NAME", "STATE", "PID", "UP", "WHERE", "LOG"];

/// The table as of `now`. Without rows it is empty.
#[must_use]
pub fn table(reports: &Reports, now: Timestamp) -> String {
    if reports.instances.is_empty() {
        return String::new();
    }
    let rows: Vec<_> = reports.instances.iter().map(|report| row(report, now)).collect();
    let mut text = columns(HEADINGS, &rows);
    for report in &reports.instances {
        if let Some(error) = &report.last_error {
            let _ = write!(text, "\n{}: {error}\n", report.name);
        }
    }
    text
}

fn row(report: &InstanceReport, now: Timestamp) -> [String; 6] {
    [
        report.name.clone(),
        report.state.to_string(),
        or_dash(report.pid.map(|pid| pid.to_string())),
        or_dash(uptime(report, now)),
        or_dash(report.url.clone()),
        report.log_to_read().display().to_string(),
    ]
}

fn uptime(report: &InstanceReport, now: Timestamp) -> Option<String> {
    let started: Timestamp = report.started_at.as_ref()?.parse().ok()?;
    Some(for_people(now.duration_since(started)))
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::report::{InstanceReport, Reports};

    const REPORTS: &str = r#"{"schema": 1, "instances": [
        {"name": "gateway:home", "kind": "gateway", "state": "ready", "pid": 4711, "runtime": "native",
         "started_at": "2026-01-02T03:04:05.000Z", "stderr_log": "/home/stderr.log", "log": "/home/gateway.log",
         "last_error": null,
         "url": "ws://127.0.0.1:8765"},
        {"name": "gateway:work", "kind": "gateway", "state": "crashed", "pid": null, "runtime": "native",
         "started_at": null, "stderr_log": "/work/stderr.log", "last_error": "its process is gone, signal 9",
         "last_pid": 815}]}"#;

    #[test]
    fn the_table_is_aligned_and_says_below_what_is_wrong() {
        let reports: Reports = serde_json::from_str(REPORTS).unwrap();
        let expected = "\
NAME          STATE    PID   UP    WHERE                LOG
gateway:home  ready    4711  55 s  ws://127.0.0.1:8765  /home/gateway.log
gateway:work  crashed  -     -     -                    /work/stderr.log

gateway:work: its process is gone, signal 9
";
        assert_eq!(table(&reports, "2026-01-02T03:05:00Z".parse().unwrap()), expected);
    }

    #[test]
    fn without_rows_there_is_nothing_to_say() {
        assert_eq!(table(&Reports::new(Vec::new()), "2026-01-02T03:05:00Z".parse().unwrap()), "");
    }

    #[test]
    fn a_row_survives_its_own_json() {
        let reports: Reports = serde_json::from_str(REPORTS).unwrap();
        let text = serde_json::to_string(&reports.instances[1]).unwrap();
        assert_eq!(serde_json::from_str::<InstanceReport>(&text).unwrap(), reports.instances[1]);
    }
}
