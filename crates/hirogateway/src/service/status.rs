//! Says how instances are. What is wrong with one of them stands in its row and hides none of the others.

use std::path::PathBuf;

use hiro_process::State as ProcessState;
use serde_json::{Map, Value};

use super::python_gateway::{look, says_nothing};
use super::{Gateways, process_of};
use crate::config::Config;
use crate::error::GatewayError;
use crate::listen_address;
use crate::log::LOG_FILE;
use crate::registry::{self, InstanceEntry, Registry};
use crate::report::{InstanceReport, Kind, Reports, Runtime, StateName};
use crate::runtime::RuntimeChoice;
use crate::settings::{Settings, speaks_tls};
use crate::state::State;

impl Gateways {
    /// How the instance `name` is, or how all of them are, in the order of their creation.
    ///
    /// # Errors
    /// When the registry can't be read, or there is no instance `name`.
    pub fn get_status(&self, name: Option<&str>) -> Result<Reports, GatewayError> {
        let registry = registry::load(&self.data)?;
        let entries: Vec<&InstanceEntry> = match name {
            Some(name) => vec![registry.get(name)?],
            None => registry.instances.values().collect(),
        };
        Ok(Reports::new(entries.into_iter().map(|entry| self.report(&registry, entry)).collect()))
    }

    fn report(&self, registry: &Registry, entry: &InstanceEntry) -> InstanceReport {
        let entry = self.rooted(entry.clone());
        let (process, settings) = (process_of(&entry), Settings::load(&self.data, &entry));
        let choice = RuntimeChoice::load(&entry.path);
        let state = look(&entry, settings.as_ref().ok());
        let runtime = runtime(&state, choice.as_ref().map(RuntimeChoice::runtime).unwrap_or(Runtime::Native));
        let mut report = InstanceReport::new(Kind::Gateway, &entry.name, &process, &state, runtime);
        let config = Config::load(&entry.path).ok();
        let with_tls = config.as_ref().is_some_and(|config| speaks_tls(config, runtime));
        report.url = Some(listen_address::url(&entry.host, entry.port, with_tls));
        let own_log = config.filter(|_| has_its_log(report.state)).map(|config| log_file(&entry, &config));
        report.log = Some(own_log.unwrap_or_else(|| report.stderr_log.clone()));
        report.is_default = Some(registry.default_instance == entry.name);
        report.other = connection(&entry, report.state);
        match settings {
            Ok(settings) => report.other.extend(configured(&entry, &settings)),
            Err(error) => report.add_error(error.with_causes()),
        }
        if let Err(error) = choice {
            report.add_error(error.with_causes());
        }
        InstanceReport { host: Some(entry.host), port: Some(entry.port), path: Some(entry.path), ..report }
    }
}

/// Who does the work now, whatever was chosen since; of what does not run, what is chosen. Only the Python package writes
/// a PID file alone, or stands behind the shim.
fn runtime(state: &ProcessState, chosen: Runtime) -> Runtime {
    match state.run() {
        Some(run) if says_nothing(run) => Runtime::Uv,
        Some(_) => Runtime::Native,
        None => chosen,
    }
}

/// Whether the gateway has written its log. What kept it from that, or ended it, is on stderr.
fn has_its_log(state: StateName) -> bool {
    matches!(state, StateName::Ready | StateName::Stopping | StateName::Stopped)
}

fn log_file(entry: &InstanceEntry, config: &Config) -> PathBuf {
    config.log_folder(&entry.path).join(LOG_FILE)
}

/// What the configuration tells.
fn configured(entry: &InstanceEntry, settings: &Settings) -> Map<String, Value> {
    let log = log_file(entry, &settings.config);
    Map::from_iter([
        ("autostart_method".to_owned(), settings.config.autostart_method.clone().into()),
        ("log_file".to_owned(), log.to_string_lossy().into()),
    ])
}

/// What the gateway says of its desktop. After a crash that says nothing any more.
fn connection(entry: &InstanceEntry, state: StateName) -> Map<String, Value> {
    let said = State::load(&entry.path).unwrap_or_default();
    let connected = state == StateName::Ready && said.desktop_connected;
    let error = said.last_auth_error.filter(|_| !connected);
    Map::from_iter([
        ("desktop_connected".to_owned(), connected.into()),
        ("last_connected".to_owned(), said.last_connected.into()),
        ("last_auth_error".to_owned(), error.into()),
    ])
}
