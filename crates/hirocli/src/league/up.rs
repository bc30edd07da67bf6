//! Brings the league up: from nothing, or from whatever is there already.

use std::env;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use hiro_process::FileLock;
use hirogateway::service::{StartRequest, StartResult};
use serde::Serialize;

use super::{Progress, gateway, wait};
use crate::Error;
use crate::context::Context;
use crate::file_lock;
use crate::services::project::{self, plan};
use crate::services::{Project, store};
use crate::tools::server::{self, RunOptions, ServerStarted};
use crate::tools::services::{self, Upheld};
use crate::tools::workspaces;
use crate::workspace::{WorkspaceConfig, WorkspaceEntry, master_key};

/// How long another one may take that brings the league up.
const TURN_PATIENCE: Duration = Duration::from_secs(180);

/// How to bring the league up.
#[derive(Debug, Clone)]
pub struct UpOptions {
    /// The workspace, by id or name; absent: the default one, which is made where there is none at all.
    pub workspace: Option<String>,
    /// Where the search for free ports begins for what is new; absent: at the usual ports.
    pub ports_from: Option<u16>,
    /// How long the channels may take once the server is ready.
    pub patience: Duration,
    /// The project whose services shall be up, too.
    pub project: ProjectChoice,
}

/// Which `hiro.toml` is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ProjectChoice {
    /// None: the services are those that are defined already.
    #[default]
    None,
    /// The nearest one from this folder upward, if there is any.
    Nearest(PathBuf),
    /// The one in this folder.
    In(PathBuf),
}

/// A league that is up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct League {
    /// The gateway.
    pub gateway: StartResult,
    /// The server.
    pub server: ServerStarted,
    /// The services of the workspace.
    pub services: Upheld,
}

impl Default for UpOptions {
    /// The default workspace on the usual ports; 60 s for the channels; no project.
    fn default() -> Self {
        Self {
            workspace: None,
            ports_from: None,
            patience: Duration::from_secs(60),
            project: ProjectChoice::None,
        }
    }
}

/// Makes what is missing, starts what does not run, and waits until every channel is ready and the server is logged in
/// to the gateway; then starts the services in their order. What runs already is left as it is, but for services that are
/// defined differently now.
///
/// # Errors
/// A file can't be understood or written, a port that was settled on before is taken now (the error names the holder),
/// or a part does not become ready. What is wrong with a `hiro.toml` is found before anything is started.
pub fn up(
    context: &Context,
    options: &UpOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<League, Error> {
    let _turn = take_turn(context)?;
    // Before anything is made or started: what is wrong with it would be found too late.
    let project = read_project(context, &options.project)?;
    let workspace = workspaces::resolve_or_create(context, options.workspace.as_deref())?;
    plan(&store::load(&workspace.path)?, project.as_ref())?;
    let config = workspaces::set_up(context, &workspace, options.ports_from)?;
    let key = master_key::load(&config.master_key_path(&workspace.path))?.public_key();
    let entry = gateway::ensure(&context.gateways, &workspace, &config, &key, options.ports_from)?;
    let mut told = |name: &str, now: hiro_process::Progress| {
        progress(Progress { what: format!("gateway:{name}"), waited: now.waited, phase: now.phase });
    };
    let gateway = context.gateways.start_instance(Some(&entry.name), &StartRequest::default(), &mut told)?;
    let has_moved = keep_in_step(&workspace, &gateway)?;
    let server = start_server(context, &workspace, has_moved, progress)?;
    wait::until_ready(&workspace, options.patience, progress)?;
    let mut told = |what: String, now: hiro_process::Progress| {
        progress(Progress { what, waited: now.waited, phase: now.phase });
    };
    let services = services::bring_up(context, &workspace, project.as_ref(), &mut told)?;
    Ok(League { gateway, server, services })
}

fn read_project(context: &Context, choice: &ProjectChoice) -> Result<Option<Project>, Error> {
    let file = match choice {
        ProjectChoice::None => None,
        ProjectChoice::Nearest(folder) => project::find(folder, &context.data)?,
        ProjectChoice::In(folder) => Some(project::at(folder)?),
    };
    file.map(|file| Project::load(&file, &|name| env::var(name).ok())).transpose()
}

/// One at a time: of two that look what is missing in the same moment, each would make it.
fn take_turn(context: &Context) -> Result<FileLock, Error> {
    let turn = file_lock::take(&context.data.join("up.lock"), TURN_PATIENCE)?;
    turn.ok_or(Error::LeagueBusy { waited: TURN_PATIENCE })
}

/// Tells the workspace where its gateway is; whether that is news. A gateway elsewhere, which somebody has configured,
/// stays.
fn keep_in_step(workspace: &WorkspaceEntry, gateway: &StartResult) -> Result<bool, Error> {
    // What listens on every address is reached on this machine's own.
    let url = gateway.url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
    let configured = WorkspaceConfig::load(&workspace.path)?.gateway_url;
    if configured == url || !is_on_this_machine(&configured) {
        return Ok(false);
    }
    WorkspaceConfig::update(&workspace.path, |config| config.gateway_url = url)?;
    Ok(true)
}

fn is_on_this_machine(url: &str) -> bool {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest).split('/').next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host).trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// A server that runs already has read its configuration: it learns of news by being restarted.
fn start_server(
    context: &Context,
    workspace: &WorkspaceEntry,
    has_news: bool,
    progress: &mut dyn FnMut(Progress),
) -> Result<ServerStarted, Error> {
    let mut told = |now: hiro_process::Progress| {
        let what = format!("server:{}", workspace.name);
        progress(Progress { what, waited: now.waited, phase: now.phase });
    };
    let started = server::start(context, workspace, RunOptions::default(), &mut told)?;
    if started.already_running && has_news {
        return Ok(server::restart(context, workspace, RunOptions::default(), &mut told)?.now);
    }
    Ok(started)
}

#[cfg(test)]
mod tests {
    use super::is_on_this_machine;

    #[test]
    fn only_a_gateway_on_this_machine_is_followed_to_another_port() {
        for url in ["ws://localhost:8765", "ws://127.0.0.1:9", "ws://[::1]:8765/", "ws://127.0.0.2:1/path"] {
            assert!(is_on_this_machine(url), "{url}");
        }
        for url in ["wss://gateway.example:443", "ws://192.168.1.2:8765", "ws://localhost.example:1", ""] {
            assert!(!is_on_this_machine(url), "{url}");
        }
    }
}
