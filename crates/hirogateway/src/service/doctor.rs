//! Looks for what is wrong with instances before somebody has to wonder: a check per thing that a start needs or that a
//! crash leaves. Reads only; nothing is repaired.

mod files;
mod ports;
mod process;

use std::error::Error;

use serde::Serialize;

use super::Gateways;
use super::python_gateway::look;
use crate::config::Config;
use crate::error::GatewayError;
use crate::registry::{self, InstanceEntry};
use crate::report::Kind;
use crate::settings::Settings;

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is as it should be.
    Ok,
    /// It works, and may not be what is wanted.
    Warning,
    /// It does not work.
    Failed,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The instance, `gateway:home`; absent where it concerns all of them.
    pub instance: Option<String>,
    /// What was looked at: `registry`, `config`, `key`, `folder`, `log`, `state`, `settings`, `port`, `exposure`, `metrics`,
    /// `tls` or `uv`.
    pub check: &'static str,
    /// What came of it.
    pub outcome: Outcome,
    /// What was found.
    pub message: String,
    /// What can be done about it.
    pub hint: Option<String>,
}

/// All checks, in the order in which they were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Examination {
    /// The checks.
    pub checks: Vec<Check>,
}

/// What one check found; which one it was is said by who asked for it.
type Finding = (Outcome, String, Option<String>);

impl Examination {
    /// Whether any check has failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.checks.iter().any(|check| check.outcome == Outcome::Failed)
    }
}

impl Gateways {
    /// Looks at the instance `name`, or at all of them.
    ///
    /// # Errors
    /// When there is no instance `name`. Whatever else is wrong is what a check says.
    pub fn examine(&self, name: Option<&str>) -> Result<Examination, GatewayError> {
        let registry = match registry::load(&self.data) {
            Ok(registry) => registry,
            Err(error) => return Ok(Examination { checks: vec![check(None, "registry", failed(&error))] }),
        };
        let entries: Vec<InstanceEntry> = match name {
            Some(name) => vec![registry.get(name)?.clone()],
            None => registry.instances.values().cloned().collect(),
        };
        let file = registry::registry_file(&self.data);
        let found = format!("`{}` names {} instances", file.display(), registry.instances.len());
        let mut checks = vec![check(None, "registry", ok(found))];
        checks.extend(entries.into_iter().flat_map(|entry| self.examine_one(&self.rooted(entry))));
        Ok(Examination { checks })
    }

    fn examine_one(&self, entry: &InstanceEntry) -> Vec<Check> {
        let settings = Settings::load(&self.data, entry);
        let state = look(entry, settings.as_ref().ok());
        let mut found = files::examine(entry);
        found.extend(process::examine(entry, &state));
        found.extend(match &settings {
            Ok(settings) => ports::examine(settings, &state),
            // TLS, the configuration and the key have checks of their own.
            Err(GatewayError::Tls(_) | GatewayError::HalfOfTls { .. }) => Vec::new(),
            Err(error) if Config::load(&entry.path).is_ok_and(|config| config.desktop_key().is_ok()) => {
                vec![("settings", failed(error))]
            }
            Err(_) => Vec::new(),
        });
        found.into_iter().map(|(what, finding)| check(Some(entry), what, finding)).collect()
    }
}

fn check(entry: Option<&InstanceEntry>, check: &'static str, finding: Finding) -> Check {
    let (outcome, message, hint) = finding;
    let instance = entry.map(|entry| Kind::Gateway.instance_name(&entry.name));
    Check { instance, check, outcome, message, hint }
}

fn ok(message: impl Into<String>) -> Finding {
    (Outcome::Ok, message.into(), None)
}

fn warning(message: impl Into<String>, hint: impl Into<String>) -> Finding {
    (Outcome::Warning, message.into(), Some(hint.into()))
}

fn failed(error: &GatewayError) -> Finding {
    (Outcome::Failed, error.with_causes(), error.hint())
}

fn wrong(message: impl Into<String>, hint: impl Into<String>) -> Finding {
    (Outcome::Failed, message.into(), Some(hint.into()))
}

fn with_causes(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
