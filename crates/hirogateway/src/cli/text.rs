//! What people read on stdout, made of what the service returns. Scripts know the first lines from the Python package.

use crate::autostart::Trouble;
use crate::report::{InstanceReport, Reports, columns};
use crate::service::{ChangeResult, RemoveResult, RestartResult, SetupResult, StartResult, StopResult};

pub(super) const NO_INSTANCES: &str = "No gateway instances configured.";

pub(super) fn started(result: &StartResult) -> String {
    let StartResult { pid, url, .. } = result;
    if result.already_running {
        format!("Gateway already running (PID {pid}).")
    } else {
        format!("Gateway started (PID {pid}). WS: {url}")
    }
}

pub(super) fn restarted(result: &RestartResult) -> String {
    let StartResult { pid, url, .. } = &result.now;
    match result.old_pid {
        Some(old) => format!("Gateway restarted (was PID {old}, now PID {pid}). WS: {url}"),
        None => format!("Gateway started (was not running, PID {pid}). WS: {url}"),
    }
}

pub(super) fn stopped(result: &StopResult) -> String {
    let first = match result.pid {
        Some(pid) => format!("Gateway stopped (was PID {pid})."),
        None => "Gateway is not running.".to_owned(),
    };
    match &result.cleared {
        Some(crash) => format!("{first}\nIt had crashed: {crash}"),
        None if result.killed => format!("{first}\nIt did not end by itself and was killed."),
        None => first,
    }
}

/// `command` is what is typed before the gateway commands.
pub(super) fn created(result: &SetupResult, command: &str) -> String {
    let SetupResult { instance_name, instance_path, host, port, .. } = result;
    let path = instance_path.display();
    let autostart = starts(result.autostart_registered, &result.autostart_method, &result.autostart);
    format!(
        "Gateway instance '{instance_name}' created.\n  path : {path}\n  bind : {host}:{port}\n{autostart}\
         Next: {command} start --instance {instance_name}"
    )
}

/// Whether it starts with the computer, where there is something to say of that.
fn starts(registered: bool, method: &str, trouble: &Trouble) -> String {
    match &trouble.reason {
        Some(reason) => format!("  autostart : {method}: {reason}\n"),
        None if registered => format!("  autostart : {method}, at your login\n"),
        None => String::new(),
    }
}

pub(super) fn changed(result: &ChangeResult) -> String {
    let name = &result.instance_name;
    let autostart = starts(result.autostart_registered, &result.autostart_method, &result.autostart);
    format!(
        "Gateway instance '{name}' changed; it takes effect when it is started the next time.\n{autostart}"
    )
}

pub(super) fn removal(name: &str, purge: bool) -> String {
    let files = if purge { " and delete its files" } else { "" };
    format!("Are you sure you want to remove gateway instance '{name}'{files}?")
}

pub(super) fn removed(result: &RemoveResult) -> String {
    let first = match result.removed {
        true => format!("Gateway instance '{}' removed.", result.instance_name),
        false => "Teardown complete.".to_owned(),
    };
    let lines = [
        (result.removed && result.folder_remains)
            .then(|| format!("Its folder stays: {}", result.instance_path.display())),
        result.autostart_removed.then(|| "It starts with the computer no more.".to_owned()),
        result.autostart.note(),
    ];
    lines.into_iter().flatten().fold(first, |text, line| format!("{text}\n{line}"))
}

pub(super) fn list(reports: &Reports) -> String {
    if reports.instances.is_empty() {
        return NO_INSTANCES.to_owned();
    }
    let rows: Vec<_> = reports.instances.iter().map(list_row).collect();
    format!("{}\n* = default instance", columns(["", "NAME", "STATE", "BIND", "PATH"], &rows))
}

fn list_row(report: &InstanceReport) -> [String; 5] {
    let marker = if report.is_default == Some(true) { "*" } else { "" };
    [
        marker.to_owned(),
        short_name(report).to_owned(),
        report.state.to_string(),
        format!("{}:{}", report.host.as_deref().unwrap_or_default(), report.port.unwrap_or_default()),
        path(report),
    ]
}

/// A line for everything that is known of an instance.
pub(super) fn details(report: &InstanceReport) -> String {
    let known = [
        ("name", Some(short_name(report).to_owned())),
        ("default", report.is_default.map(|default| if default { "yes" } else { "no" }.to_owned())),
        ("state", Some(report.state.to_string())),
        ("pid", report.pid.map(|pid| pid.to_string())),
        ("since", report.started_at.clone()),
        ("version", report.version.clone()),
        ("url", report.url.clone()),
        ("path", Some(path(report))),
        ("log", Some(report.log_to_read().display().to_string())),
        ("error", report.last_error.clone()),
    ];
    let lines = known.into_iter().filter_map(|(name, value)| Some(format!("{name:8} {}\n", value?)));
    lines.collect()
}

fn short_name(report: &InstanceReport) -> &str {
    report.name.split_once(':').map_or(report.name.as_str(), |(_, name)| name)
}

fn path(report: &InstanceReport) -> String {
    report.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default()
}
