//! Starts an instance in the background, or again.

use std::path::PathBuf;

use hiro_process::{Launch, Progress, StartOptions, Started, Stopped};
use serde::Serialize;

use super::python_gateway::{self, Opening};
use super::{DATA_VARIABLE, Gateways, process_of};
use crate::error::GatewayError;
use crate::registry::InstanceEntry;
use crate::relay::BusUrl;
use crate::report::Runtime;
use crate::runtime::RuntimeChoice;
use crate::settings::Settings;

/// How to start.
#[derive(Debug, Clone, Default)]
pub struct StartRequest {
    /// The gateway logs everything that it does.
    pub verbose: bool,
    /// Where this run's log files go; absent: where the configuration says.
    pub log_dir: Option<PathBuf>,
    /// Where this run serves `/metrics` and `/health`; 0: nowhere; absent: where the configuration says.
    pub metrics_port: Option<u16>,
    /// On which host.
    pub metrics_host: Option<String>,
    /// Where this run finds the other nodes of its gateway; absent: where the configuration says.
    pub bus: Option<BusUrl>,
    /// How long things may take.
    pub patience: StartOptions,
}

/// An instance that is ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StartResult {
    /// Its name.
    pub instance_name: String,
    /// It was ready before.
    pub already_running: bool,
    /// Its process.
    pub pid: u32,
    /// The host that it listens on.
    pub host: String,
    /// The port that it listens on.
    pub port: u16,
    /// Where it is to be reached.
    pub url: String,
    /// Who does the work.
    pub runtime: Runtime,
}

/// Everything that a start has found out before it spawns.
struct Plan {
    launch: Launch,
    settings: Settings,
    runtime: Runtime,
}

/// An instance that was stopped, if it ran, and is ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestartResult {
    /// Its process before, if it ran.
    pub old_pid: Option<u32>,
    /// What it is now.
    #[serde(flatten)]
    pub now: StartResult,
}

impl Gateways {
    /// Starts an instance in the background and waits until it is ready, or finds that it is. While it waits it tells
    /// `progress` the name of the instance and how far it is, about once a second.
    ///
    /// # Errors
    /// When there is no such instance, or its files can't be used (the message names the file); otherwise
    /// [`GatewayError::Start`] with all that was seen.
    pub fn start_instance(
        &self,
        name: Option<&str>,
        request: &StartRequest,
        progress: &mut dyn FnMut(&str, Progress),
    ) -> Result<StartResult, GatewayError> {
        let entry = self.resolve(name)?;
        let plan = self.plan(&entry, request)?;
        let mut progress = |now: Progress| progress(&entry.name, now);
        let process = process_of(&entry);
        let started = hiro_process::start_instance(&process, &plan.launch, &request.patience, &mut progress)
            .map_err(|source| not_started(&entry, source))?;
        let started = plan.confirm(&entry, started, request, &mut progress)?;
        Ok(result(entry, &plan, &started))
    }

    /// Stops an instance, if it runs, and starts it, with no other command in between. What it can't start with is
    /// found before it is stopped.
    ///
    /// # Errors
    /// Those of [`Gateways::start_instance`] and [`Gateways::stop_instance`].
    pub fn restart_instance(
        &self,
        name: Option<&str>,
        request: &StartRequest,
        progress: &mut dyn FnMut(&str, Progress),
    ) -> Result<RestartResult, GatewayError> {
        let entry = self.resolve(name)?;
        let plan = self.plan(&entry, request)?;
        let mut progress = |now: Progress| progress(&entry.name, now);
        let process = process_of(&entry);
        let (stopped, started) =
            hiro_process::restart_instance(&process, &plan.launch, &request.patience, &mut progress)
                .map_err(|source| not_started(&entry, source))?;
        let started = plan.confirm(&entry, started, request, &mut progress)?;
        let old_pid = match stopped {
            Stopped::Gracefully(identity) | Stopped::Killed(identity) => Some(identity.pid.get()),
            _ => None,
        };
        Ok(RestartResult { old_pid, now: result(entry, &plan, &started) })
    }

    fn plan(&self, entry: &InstanceEntry, request: &StartRequest) -> Result<Plan, GatewayError> {
        let settings = Settings::load(&self.data, entry)?;
        let choice = RuntimeChoice::load(&entry.path)?;
        let launch = match &choice {
            RuntimeChoice::Native => self.native_launch(entry, request),
            RuntimeChoice::Uv { workspace_dir } => {
                python_gateway::launch(self, entry, workspace_dir, request)?
            }
        };
        Ok(Plan { launch: launch.port(settings.address()?), settings, runtime: choice.runtime() })
    }

    fn native_launch(&self, entry: &InstanceEntry, request: &StartRequest) -> Launch {
        let (program, leading) = self.command.split_first().expect("a command has a program");
        let option = |name: &str, value: &std::ffi::OsStr| {
            // In one word: a value may begin with a hyphen.
            let mut word = std::ffi::OsString::from(format!("--{name}="));
            word.push(value);
            word
        };
        let metrics_port = request.metrics_port.map(|port| port.to_string());
        let options = [
            ("log-dir", request.log_dir.as_ref().map(|folder| folder.as_os_str())),
            ("metrics-port", metrics_port.as_ref().map(AsRef::as_ref)),
            ("metrics-host", request.metrics_host.as_ref().map(AsRef::as_ref)),
            ("bus", request.bus.as_ref().map(|url| url.as_str().as_ref())),
        ];
        Launch::native(program, process_of(entry).stderr_log())
            .args(leading)
            .arg("start")
            .arg(option("instance", entry.name.as_ref()))
            .args(["--foreground", "--background"])
            .args(request.verbose.then_some("--verbose"))
            .args(options.into_iter().filter_map(|(name, value)| Some(option(name, value?))))
            .variable(DATA_VARIABLE, &self.data)
    }
}

impl Plan {
    /// A Python gateway is ready when its port is its own.
    fn confirm(
        &self,
        entry: &InstanceEntry,
        started: Started,
        request: &StartRequest,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Started, GatewayError> {
        let opening = Opening {
            entry,
            settings: &self.settings,
            process: started.identity,
            own: !started.already_running,
        };
        let left = request.patience.deadline.saturating_sub(started.waited);
        match self.runtime {
            Runtime::Native if !started.already_running => Ok(started),
            // What runs already may be the other one.
            _ => Ok(Started { identity: opening.wait(left, progress)?, ..started }),
        }
    }
}

fn not_started(entry: &InstanceEntry, source: hiro_process::Error) -> GatewayError {
    GatewayError::Start { instance: entry.name.clone(), source }
}

fn result(entry: InstanceEntry, plan: &Plan, started: &Started) -> StartResult {
    StartResult {
        instance_name: entry.name,
        already_running: started.already_running,
        pid: started.identity.pid.get(),
        host: entry.host,
        port: plan.settings.port,
        url: plan.settings.url(plan.runtime),
        runtime: plan.runtime,
    }
}
