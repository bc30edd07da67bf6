//! Says how instances are. What is wrong with one of them stands in its row and hides none of the others.

use hiro_process::{State as ProcessState, get_status};
use serde_json::{Map, Value};

use super::{Gateways, process_of};
use crate::error::GatewayError;
use crate::listen_address;
use crate::registry::{self, InstanceEntry, Registry};
use crate::report::{InstanceReport, Kind, Reports, Runtime, StateName};
use crate::settings::Settings;
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
        let process = process_of(&entry);
        let state = get_status(&process);
        let mut report = InstanceReport::new(Kind::Gateway, &entry.name, &process, &state, runtime(&state));
        report.url = Some(listen_address::url(&entry.host, entry.port));
        report.is_default = Some(registry.default_instance == entry.name);
        report.other = connection(&entry, report.state);
        match Settings::load(&self.data, &entry) {
            Ok(settings) => {
                report.other.insert("autostart_method".to_owned(), settings.config.autostart_method.into());
            }
            Err(error) => report.add_error(error.with_causes()),
        }
        InstanceReport { host: Some(entry.host), port: Some(entry.port), path: Some(entry.path), ..report }
    }
}

/// Only a program that knows nothing of records writes a PID file alone: the Python package.
fn runtime(state: &ProcessState) -> Runtime {
    match state.run() {
        Some(run) if run.record.is_none() => Runtime::Uv,
        _ => Runtime::Native,
    }
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
