//! Sets a workspace up, or sets it up anew: what is said is written, and everything else stays as it is.
//!
//! Nothing starts with the computer unless that is said, too; then it is said to be skipped, and why.

use std::path::PathBuf;

use hiro_process::Progress;
use hirogateway::autostart::{Standing, Trouble};
use hirogateway::config::AUTOSTART_SKIPPED;
use hirogateway::runtime::RuntimeChoice;
use serde::Serialize;

use super::{autostart, ports, set_up};
use crate::Error;
use crate::context::Context;
use crate::tools::server::{self, RunOptions, ServerStarted};
use crate::workspace::{WorkspaceConfig, WorkspaceEntry, master_key, registry};

const WHY_SKIPPED: &str = "a server starts with the computer only where `--autostart` asks for it";

/// What is to be set; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Its gateway.
    pub gateway_url: Option<String>,
    /// Where its HTTP API listens.
    pub http_port: Option<u16>,
    /// Whether figures are gathered.
    pub metrics_enabled: Option<bool>,
    /// How often, in seconds; once a second at the most.
    pub metrics_interval: Option<f64>,
    /// Who is its server.
    pub runtime: Option<RuntimeChoice>,
    /// Start the server then.
    pub start_server: bool,
    /// Whether it shall start with the computer.
    pub autostart: Option<bool>,
}

/// A workspace that is set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetupResult {
    /// Its name.
    pub workspace: String,
    /// Its id.
    pub workspace_id: String,
    /// Its folder.
    pub workspace_path: PathBuf,
    /// The name under which it logs in to its gateway.
    pub device_id: String,
    /// Its gateway.
    pub gateway_url: String,
    /// Where its HTTP API listens.
    pub http_port: u16,
    /// The file with its key.
    pub master_key: PathBuf,
    /// The public half of that, which its gateway has to trust.
    pub desktop_pub: String,
    /// Whether it starts with the computer.
    pub autostart_registered: bool,
    /// How it does; `failed` where it was to be registered and could not be.
    pub autostart_method: String,
    /// Why it does not, or why that is not as it was asked.
    #[serde(flatten)]
    pub autostart: Trouble,
    /// Whether its server was started, or was running.
    pub server_started: bool,
    /// Its server, if that was to be started.
    pub server: Option<ServerStarted>,
}

/// Sets `workspace` up. A server that runs learns of it at its next start.
///
/// A workspace that can't be registered to start with the computer is set up all the same; the result says why.
///
/// # Errors
/// An address or a port can't be used, a file can't be understood or written, or the server does not start.
pub fn setup(
    context: &Context,
    workspace: &WorkspaceEntry,
    setup: &Setup,
    progress: &mut dyn FnMut(Progress),
) -> Result<SetupResult, Error> {
    check(setup)?;
    set_up(context, workspace, None)?;
    let promised = ports::promised(context, &registry::load(&context.data)?, workspace);
    let config = WorkspaceConfig::update(&workspace.path, |config| {
        if let Some(port) = setup.http_port {
            ports::set_http(config, port, &workspace.name, &promised)?;
        }
        setup.write_into(config);
        Ok::<_, Error>(config.clone())
    })??;
    if let Some(runtime) = &setup.runtime {
        runtime.save(&workspace.path)?;
    }
    let autostart = autostart::settle(context, workspace, &config, setup.autostart)?;
    let server = match setup.start_server {
        true => Some(server::start(context, workspace, RunOptions::default(), progress)?),
        false => None,
    };
    result(workspace, config, autostart, server)
}

pub(super) fn check_gateway_url(url: &str) -> Result<(), Error> {
    let host = url.strip_prefix("ws://").or_else(|| url.strip_prefix("wss://"));
    match host.is_some_and(|host| !host.is_empty() && !host.contains(char::is_whitespace)) {
        true => Ok(()),
        false => Err(Error::NotAGateway { url: url.to_owned() }),
    }
}

/// Before anything is made: who is refused leaves no trace.
fn check(setup: &Setup) -> Result<(), Error> {
    setup.gateway_url.as_deref().map_or(Ok(()), check_gateway_url)
}

impl Setup {
    fn write_into(&self, config: &mut WorkspaceConfig) {
        if let Some(url) = &self.gateway_url {
            config.gateway_url.clone_from(url);
        }
        if let Some(enabled) = self.metrics_enabled {
            config.metrics_enabled = enabled;
        }
        if let Some(interval) = self.metrics_interval {
            config.metrics_interval = interval.max(1.0);
        }
        // What the Python package has registered stays registered.
        config.autostart_method.get_or_insert_with(|| AUTOSTART_SKIPPED.to_owned());
    }
}

fn result(
    workspace: &WorkspaceEntry,
    config: WorkspaceConfig,
    autostart: Standing,
    server: Option<ServerStarted>,
) -> Result<SetupResult, Error> {
    let master_key = config.master_key_path(&workspace.path);
    Ok(SetupResult {
        workspace: workspace.name.clone(),
        workspace_id: workspace.id.clone(),
        workspace_path: workspace.path.clone(),
        device_id: config.device_id,
        gateway_url: config.gateway_url,
        http_port: config.http_port,
        desktop_pub: master_key::load(&master_key)?.public_key().to_base64(),
        master_key,
        autostart_registered: autostart.registered,
        autostart: explained(&autostart),
        autostart_method: autostart.method,
        server_started: server.is_some(),
        server,
    })
}

fn explained(standing: &Standing) -> Trouble {
    let skipped = (standing.method == AUTOSTART_SKIPPED).then(|| WHY_SKIPPED.to_owned());
    Trouble { reason: standing.trouble.reason.clone().or(skipped), ..standing.trouble.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_gateway_is_one_of_a_web_socket() {
        for url in ["ws://localhost:8765", "wss://gateway.example"] {
            assert!(check_gateway_url(url).is_ok(), "{url}");
        }
        for url in ["", "ws://", "http://gateway.example", "ws://a b", "localhost:8765"] {
            assert!(check_gateway_url(url).is_err(), "{url}");
        }
    }

    #[test]
    fn what_is_not_said_stays_and_so_does_what_another_version_wrote() {
        let mut config = WorkspaceConfig { log_level: "DEBUG".to_owned(), ..WorkspaceConfig::default() };
        config.autostart_method = Some("schtasks".to_owned());
        config.other.insert("later".to_owned(), true.into());
        let before = config.clone();
        Setup { metrics_interval: Some(0.1), ..Setup::default() }.write_into(&mut config);
        assert_eq!(config, WorkspaceConfig { metrics_interval: 1.0, ..before });
    }
}
