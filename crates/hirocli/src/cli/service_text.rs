//! What people read on stdout about services, made of what the tools return.

use hirogateway::report::columns;

use crate::services::{LogLine, RestartPolicy, Source};
use crate::tools::services::{ServiceInfo, ServiceRestarted, ServiceStarted, ServiceStopped, Upheld};

pub(super) const NONE: &str = "No services are defined: `hiro service add` does that, or a `hiro.toml`.";

pub(super) fn added(info: &ServiceInfo) -> String {
    format!("{} added.\nNext: hiro service start {}", info.instance, info.name)
}

pub(super) fn removed(stopped: &ServiceStopped) -> String {
    match stopped.pid {
        Some(pid) => format!("{} stopped (was PID {pid}) and removed.", stopped.name),
        None => format!("{} removed.", stopped.name),
    }
}

pub(super) fn started(started: &ServiceStarted) -> String {
    let ServiceStarted { name, pid, .. } = started;
    let first = match started.already_running {
        true => format!("{name} already running (PID {pid})."),
        false => format!("{name} started (PID {pid})."),
    };
    format!("{first}{}", policy(started))
}

/// Nobody shall believe that somebody watches.
fn policy(started: &ServiceStarted) -> &'static str {
    match (started.restart, started.is_watched) {
        (RestartPolicy::Never, _) => "",
        (_, true) => "\nIt is restarted after a crash while the workspace's server runs.",
        (_, false) => {
            "\nIt is restarted after a crash only while the workspace's server runs, which it does not: `hiro start`."
        }
    }
}

pub(super) fn stopped(stopped: &ServiceStopped) -> String {
    let first = match stopped.pid {
        Some(pid) => format!("{} stopped (was PID {pid}).", stopped.name),
        None => format!("{} is not running.", stopped.name),
    };
    match &stopped.crash {
        Some(crash) => format!("{first}\nIt had crashed: {crash}"),
        None if stopped.killed => format!("{first}\nIt did not end by itself and was killed."),
        None => first,
    }
}

pub(super) fn restarted(restarted: &ServiceRestarted) -> String {
    let ServiceStarted { name, pid, .. } = &restarted.now;
    let first = match restarted.before.pid {
        Some(old) => format!("{name} restarted (was PID {old}, now PID {pid})."),
        None => format!("{name} started (was not running, PID {pid})."),
    };
    format!("{first}{}", policy(&restarted.now))
}

pub(super) fn list(all: &[ServiceInfo]) -> String {
    if all.is_empty() {
        return NONE.to_owned();
    }
    let rows: Vec<_> = all.iter().map(row).collect();
    columns(["NAME", "READY", "RESTART", "AFTER", "FROM", "COMMAND"], &rows)
}

fn row(info: &ServiceInfo) -> [String; 6] {
    let or_none = |text: String| if text.is_empty() { "-".to_owned() } else { text };
    [
        info.name.clone(),
        info.ready.clone(),
        info.restart.name().to_owned(),
        or_none(info.after.join(", ")),
        info.project.clone().unwrap_or_else(|| "-".to_owned()),
        info.command.join(" "),
    ]
}

/// Which project `hiro up` has read, and what it has changed about services; nothing where there was nothing to do.
pub(super) fn upheld(upheld: &Upheld) -> String {
    let project = upheld.project.iter().map(|file| format!("Project: {}\n", file.display()));
    let changed = upheld.services.iter().filter(|service| service.is_changed);
    let changed =
        changed.map(|service| format!("{}: its definition has changed, restarted.\n", service.name));
    let removed =
        upheld.removed.iter().map(|name| format!("{name}: not in the project any more, removed.\n"));
    project.chain(changed).chain(removed).collect()
}

pub(super) fn log_line(line: &LogLine, of_both: bool) -> String {
    match (of_both, line.source) {
        (false, _) => line.text.clone(),
        (true, Source::Stdout) => format!("out | {}", line.text),
        (true, Source::Stderr) => format!("err | {}", line.text),
    }
}
