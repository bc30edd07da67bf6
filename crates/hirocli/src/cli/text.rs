//! What people read on stdout, made of what the tools return. Scripts know the first lines from the Python package.

use std::time::Duration;

use hirogateway::report::{Runtime, columns};

use crate::demo::DemoOutcome;
use crate::league::StoppedInstance;
use crate::tools::server::{ServerRestarted, ServerStarted, ServerStopped};
use crate::tools::workspaces::{SetupResult, WorkspaceChanged, WorkspaceInfo, WorkspaceRemoved};

pub(super) const NOT_RUNNING: &str = "Server is not running.";

pub(super) const UNINSTALL: &str =
    "Then remove the program itself as it was installed: `cargo uninstall hirocli`, or delete its file.";

pub(super) const NOTHING: &str = "Nothing is set up yet: `hiro up` does that.";

pub(super) fn started(result: &ServerStarted) -> String {
    let ServerStarted { pid, status_url, .. } = result;
    match result.already_running {
        true => format!("Server already running (PID {pid})."),
        false => format!("Server started (PID {pid}). HTTP: {status_url}"),
    }
}

pub(super) fn stopped(result: &ServerStopped) -> String {
    let first = match result.pid {
        Some(pid) => format!("Server stopped (was PID {pid})."),
        None => NOT_RUNNING.to_owned(),
    };
    format!("{first}{}", more(result.killed, result.crash.as_deref()))
}

pub(super) fn restarted(result: &ServerRestarted) -> String {
    let ServerStarted { pid, status_url, .. } = &result.now;
    let first = match result.before.pid {
        Some(old) => format!("Server restarted (was PID {old}, now PID {pid})."),
        None => format!("Server started (was not running, PID {pid})."),
    };
    format!("{first}\n  HTTP: {status_url}")
}

pub(super) fn up(table: &str) -> String {
    format!("{table}\nNext: hiro demo \"hello\" · hiro status · hiro down")
}

pub(super) fn down(stopped: &[StoppedInstance]) -> String {
    if stopped.is_empty() {
        return "Nothing is set up, so nothing runs.".to_owned();
    }
    let lines = stopped.iter().map(|instance| {
        let first = match instance.pid {
            Some(pid) => format!("{} stopped (was PID {pid}).", instance.name),
            None => format!("{} is not running.", instance.name),
        };
        format!("{first}{}\n", more(instance.killed, instance.crash.as_deref()))
    });
    lines.collect()
}

fn more(killed: bool, crash: Option<&str>) -> String {
    match crash {
        Some(crash) => format!("\nIt had crashed: {crash}"),
        None if killed => "\nIt did not end by itself and was killed.".to_owned(),
        None => String::new(),
    }
}

pub(super) fn demo(outcome: &DemoOutcome) -> String {
    format!(
        "{}\n  device     : {}\n  pairing    : {}\n  round trip : {}",
        outcome.echo,
        outcome.device_id,
        milliseconds(outcome.pairing_time),
        milliseconds(outcome.round_trip)
    )
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1e3)
}

pub(super) fn workspaces(all: &[WorkspaceInfo]) -> String {
    if all.is_empty() {
        return NOTHING.to_owned();
    }
    let rows: Vec<_> = all.iter().map(row).collect();
    format!("{}\n* = default workspace", columns(["", "NAME", "ID", "HTTP", "PLUGINS", "PATH"], &rows))
}

fn row(info: &WorkspaceInfo) -> [String; 6] {
    [
        if info.is_default { "*" } else { "" }.to_owned(),
        info.name.clone(),
        info.id.chars().take(8).collect(),
        port(info.http_port),
        port(info.plugin_port),
        info.path.display().to_string(),
    ]
}

fn port(port: Option<u16>) -> String {
    port.map_or_else(|| "-".to_owned(), |port| port.to_string())
}

/// A line for everything that is known of a workspace.
pub(super) fn workspace(info: &WorkspaceInfo) -> String {
    let known = [
        ("name", Some(info.name.clone())),
        ("id", Some(info.id.clone())),
        ("default", Some(if info.is_default { "yes" } else { "no" }.to_owned())),
        ("path", Some(info.path.display().to_string())),
        ("http", info.http_port.map(|port| port.to_string())),
        ("plugins", info.plugin_port.map(|port| port.to_string())),
        ("admin", info.admin_port.map(|port| port.to_string())),
        ("slot", Some(info.port_slot.to_string())),
        ("runtime", Some(if info.runtime == Runtime::Uv { "uv" } else { "native" }.to_owned())),
        ("gateway", info.gateway_url.clone()),
        ("device", info.device_id.clone()),
        ("error", info.last_error.clone()),
    ];
    let lines = known.into_iter().filter_map(|(name, value)| Some(format!("{name:8} {}\n", value?)));
    lines.collect()
}

pub(super) fn created(info: &WorkspaceInfo) -> String {
    format!("Workspace '{}' created.\n{}Next: hiro up --workspace {}", info.name, workspace(info), info.name)
}

pub(super) fn removal(workspace: &str) -> String {
    format!("Remove workspace '{workspace}' and delete its files?")
}

pub(super) fn removed(result: &WorkspaceRemoved) -> String {
    let WorkspaceRemoved { name, path, .. } = result;
    let folder = match (result.purged, result.folder_remains) {
        (true, false) => "  Workspace folder deleted from disk.".to_owned(),
        (true, true) => format!("Its folder holds what no server wrote, and stays: {}", path.display()),
        (false, _) => format!("Its folder stays: {}", path.display()),
    };
    format!("Workspace '{name}' removed.\n{folder}{}", autostart_removed(result))
}

/// A line about the start with the computer, where there was one.
fn autostart_removed(result: &WorkspaceRemoved) -> String {
    let removed = result.autostart_removed.then(|| "It starts with the computer no more.".to_owned());
    removed.or_else(|| result.autostart.note()).map(|line| format!("\n{line}")).unwrap_or_default()
}

pub(super) fn torn_down(result: &WorkspaceRemoved) -> String {
    let server = result.server.as_ref().map(stopped).unwrap_or_default();
    let more = if result.removed { format!("\n{}", removed(result)) } else { autostart_removed(result) };
    format!("{server}{more}\nTeardown complete.")
}

pub(super) fn changed(result: &WorkspaceChanged) -> String {
    let lines = [
        result.renamed.then(|| format!("Renamed to '{}'.", result.name)),
        result.default_changed.then(|| format!("Default workspace: '{}'.", result.name)),
        result.gateway_updated.then(|| "Gateway URL updated; it counts from the next start on.".to_owned()),
        result.runtime_updated.then(|| "Another server from the next start on.".to_owned()),
    ];
    let lines: Vec<String> = lines.into_iter().flatten().collect();
    if lines.is_empty() {
        "No changes made (values were already the same).".to_owned()
    } else {
        lines.join("\n")
    }
}

pub(super) fn set_up(result: &SetupResult) -> String {
    let known = [
        ("workspace", result.workspace.clone()),
        ("device_id", result.device_id.clone()),
        ("gateway_url", result.gateway_url.clone()),
        ("http_port", result.http_port.to_string()),
        ("master_key", result.master_key.display().to_string()),
        ("desktop_pub", result.desktop_pub.clone()),
        ("autostart", autostart(result)),
    ];
    let lines: String = known.into_iter().map(|(name, value)| format!("  {name:11}: {value}\n")).collect();
    let next = match &result.server {
        Some(server) => started(server),
        None => format!("Run hiro start --workspace {} to start the server.", result.workspace),
    };
    format!("Config saved to {}\n{lines}\n{next}", result.workspace_path.join("config.json").display())
}

fn autostart(result: &SetupResult) -> String {
    match &result.autostart.reason {
        Some(reason) => format!("{}: {reason}", result.autostart_method),
        None if result.autostart_registered => format!("{}, at your login", result.autostart_method),
        None => result.autostart_method.clone(),
    }
}

pub(super) fn chosen(info: &WorkspaceInfo) -> String {
    format!("Default workspace: '{}'.", info.name)
}
