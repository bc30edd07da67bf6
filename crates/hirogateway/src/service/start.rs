//! Starts an instance in the background, or again.

use hiro_process::{Launch, Progress, StartOptions, Started, Stopped};
use serde::Serialize;

use super::{DATA_VARIABLE, Gateways, process_of};
use crate::error::GatewayError;
use crate::registry::InstanceEntry;
use crate::settings::Settings;

/// How to start.
#[derive(Debug, Clone, Copy, Default)]
pub struct StartRequest {
    /// The gateway logs everything that it does.
    pub verbose: bool,
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
        let (launch, settings) = self.launch(&entry, request.verbose)?;
        let mut progress = |now: Progress| progress(&entry.name, now);
        let process = process_of(&entry);
        let started = hiro_process::start_instance(&process, &launch, &request.patience, &mut progress)
            .map_err(|source| not_started(&entry, source))?;
        Ok(result(entry, &settings, started))
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
        let (launch, settings) = self.launch(&entry, request.verbose)?;
        let mut progress = |now: Progress| progress(&entry.name, now);
        let process = process_of(&entry);
        let (stopped, started) =
            hiro_process::restart_instance(&process, &launch, &request.patience, &mut progress)
                .map_err(|source| not_started(&entry, source))?;
        let old_pid = match stopped {
            Stopped::Gracefully(identity) | Stopped::Killed(identity) => Some(identity.pid.get()),
            _ => None,
        };
        Ok(RestartResult { old_pid, now: result(entry, &settings, started) })
    }

    fn launch(&self, entry: &InstanceEntry, verbose: bool) -> Result<(Launch, Settings), GatewayError> {
        let settings = Settings::load(&self.data, entry)?;
        let (program, leading) = self.command.split_first().expect("a command has a program");
        let launch = Launch::native(program, process_of(entry).stderr_log())
            .args(leading)
            .arg("start")
            // In one word: a name may begin with a hyphen.
            .arg(format!("--instance={}", entry.name))
            .arg("--foreground")
            .args(verbose.then_some("--verbose"))
            .variable(DATA_VARIABLE, &self.data)
            .port(settings.address()?);
        Ok((launch, settings))
    }
}

fn not_started(entry: &InstanceEntry, source: hiro_process::Error) -> GatewayError {
    GatewayError::Start { instance: entry.name.clone(), source }
}

fn result(entry: InstanceEntry, settings: &Settings, started: Started) -> StartResult {
    StartResult {
        instance_name: entry.name,
        already_running: started.already_running,
        pid: started.identity.pid.get(),
        host: entry.host,
        port: settings.port,
        url: settings.url(),
    }
}
