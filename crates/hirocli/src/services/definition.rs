//! What a service is: its command and everything that its start depends on, as `services.json` holds it. Nothing in it
//! has to be looked up any more, so that whoever starts it starts the same.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Ready;
use super::seconds;

/// The default of [`Definition::ready_timeout`].
pub const READY_TIMEOUT: Duration = Duration::from_secs(60);

/// The default of [`Definition::stop_grace`].
pub const STOP_GRACE: Duration = Duration::from_secs(10);

/// The longest that a service may take to become ready, or to end.
pub const MAX_PATIENCE: Duration = Duration::from_secs(3600);

/// More words are no command.
pub const MAX_WORDS: usize = 1000;

/// A definition that takes more bytes in `services.json` is refused.
pub const MAX_BYTES: usize = 10 * 1024;

/// Variables of one launch, which nobody else may set.
const RESERVED: &str = "HIRO_LAUNCH_";

/// What a service is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// The program and its arguments. A bare name is looked up on `PATH`, a relative path from `directory` on.
    pub command: Vec<String>,
    /// The uv workspace in whose environment the command runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uv: Option<PathBuf>,
    /// Its working directory.
    pub directory: PathBuf,
    /// Its own variables.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// A file with more of them, which is read at every start and whose content is kept nowhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env_file: Option<PathBuf>,
    /// When it counts as ready.
    #[serde(default)]
    pub ready: Ready,
    /// How long it may take until then.
    #[serde(default = "ready_timeout", rename = "ready_timeout_seconds", with = "seconds")]
    pub ready_timeout: Duration,
    /// How long it may take to end before its whole tree is killed.
    #[serde(default = "stop_grace", rename = "stop_grace_seconds", with = "seconds")]
    pub stop_grace: Duration,
    /// Whether the running server starts it again after it has ended by itself.
    #[serde(default)]
    pub restart: RestartPolicy,
    /// The services that are ready before it is started by `hiro up`, and stopped after it.
    #[serde(default)]
    pub after: Vec<String>,
    /// The `hiro.toml` that it comes from; absent: it was added by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<PathBuf>,
    /// Keys of other versions.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Whether the running server starts a service again that has ended without being stopped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum RestartPolicy {
    /// Never.
    #[default]
    Never,
    /// Unless it is known to have ended with exit code 0.
    OnFailure,
    /// However it has ended.
    Always,
}

/// What can't be part of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Which key.
    pub key: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl Definition {
    /// The definition of a service that is nothing but a command in a folder.
    #[must_use]
    pub fn new(command: Vec<String>, directory: PathBuf) -> Self {
        Self {
            command,
            uv: None,
            directory,
            env: BTreeMap::new(),
            env_file: None,
            ready: Ready::default(),
            ready_timeout: READY_TIMEOUT,
            stop_grace: STOP_GRACE,
            restart: RestartPolicy::default(),
            after: Vec::new(),
            project: None,
            other: Map::new(),
        }
    }

    /// Whether a service that runs as `other` says would run differently as this one says.
    #[must_use]
    pub fn differs_from(&self, other: &Self) -> bool {
        Self { other: Map::new(), ..self.clone() } != Self { other: Map::new(), ..other.clone() }
    }

    /// Finds what no start could use.
    ///
    /// # Errors
    /// The first thing that can't be part of a definition.
    pub fn check(&self) -> Result<(), Breach> {
        let breach = |key, reason: &str| Err(Breach { key, reason: reason.to_owned() });
        if self.command.first().is_none_or(String::is_empty) {
            return breach("command", "it names no program");
        }
        if self.command.len() > MAX_WORDS {
            return breach("command", "it has more than 1000 words");
        }
        if self.command.iter().any(|word| word.contains('\0')) {
            return breach("command", "a word has a NUL in it");
        }
        if let Some(reason) = self.env.iter().find_map(|(name, value)| wrong_variable(name, value)) {
            return Err(Breach { key: "env", reason });
        }
        if self.ready_timeout.is_zero() || self.ready_timeout > MAX_PATIENCE {
            return breach("ready_timeout", "it is not from 1 to 3600 seconds");
        }
        if self.stop_grace > MAX_PATIENCE {
            return breach("stop_grace", "it is not from 0 to 3600 seconds");
        }
        if self.ready == Ready::Announced && self.uv.as_ref().is_some_and(|root| *root != self.directory) {
            return breach(
                "directory",
                "a program that announces itself under uv runs in the uv workspace's folder",
            );
        }
        self.check_size()
    }

    fn check_size(&self) -> Result<(), Breach> {
        let bytes = serde_json::to_vec_pretty(self).map_or(usize::MAX, |text| text.len());
        if bytes > MAX_BYTES {
            let reason = format!("with everything else it takes more than {MAX_BYTES} bytes");
            return Err(Breach { key: "command", reason });
        }
        Ok(())
    }
}

impl RestartPolicy {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::OnFailure => "on-failure",
            Self::Always => "always",
        }
    }
}

/// What is wrong with a variable of the environment.
pub(super) fn wrong_variable(name: &str, value: &str) -> Option<String> {
    let shown = name.escape_debug();
    if name.is_empty() || name.contains(['=', '\0']) || name.contains(char::is_whitespace) {
        return Some(format!("`{shown}` is no name of a variable"));
    }
    if name.to_ascii_uppercase().starts_with(RESERVED) {
        return Some(format!("`{shown}` belongs to the launch itself"));
    }
    value.contains('\0').then(|| format!("the value of `{shown}` has a NUL in it"))
}

fn ready_timeout() -> Duration {
    READY_TIMEOUT
}

fn stop_grace() -> Duration {
    STOP_GRACE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper() -> Definition {
        Definition::new(vec!["sleep".into(), "1".into()], "/tmp".into())
    }

    #[test]
    fn a_definition_survives_its_own_json_and_so_do_the_keys_of_other_versions() {
        let text = r#"{"command": ["a"], "directory": "/d", "ready": "port:80", "added_later": {"x": 1.50}}"#;
        let definition: Definition = serde_json::from_str(text).unwrap();
        assert_eq!((definition.ready_timeout, definition.stop_grace), (READY_TIMEOUT, STOP_GRACE));
        let again = serde_json::to_value(&definition).unwrap();
        assert_eq!(again["added_later"].to_string(), r#"{"x":1.50}"#);
        assert_eq!(
            (again["ready"].as_str(), again["stop_grace_seconds"].as_u64()),
            (Some("port:80"), Some(10))
        );
        assert_eq!(serde_json::from_value::<Definition>(again).unwrap(), definition);
    }

    #[test]
    fn only_what_a_start_depends_on_makes_a_difference() {
        let mut other = sleeper();
        other.other.insert("note".into(), "mine".into());
        assert!(!other.differs_from(&sleeper()));
        other.env.insert("A".into(), "b".into());
        assert!(other.differs_from(&sleeper()));
    }

    #[test]
    fn what_no_start_could_use_is_named_by_its_key() {
        assert_eq!(sleeper().check(), Ok(()));
        let variable = |name: &str| BTreeMap::from([(name.to_owned(), String::new())]);
        let cases = [
            (Definition { command: vec![], ..sleeper() }, "command"),
            (Definition { command: vec!["a".into(); 1001], ..sleeper() }, "command"),
            (Definition { command: vec!["a\0".into()], ..sleeper() }, "command"),
            (Definition { command: vec!["a".repeat(20_000)], ..sleeper() }, "command"),
            (Definition { env: variable("A=B"), ..sleeper() }, "env"),
            (Definition { env: variable("hiro_launch_id"), ..sleeper() }, "env"),
            (Definition { ready_timeout: Duration::ZERO, ..sleeper() }, "ready_timeout"),
            (Definition { stop_grace: MAX_PATIENCE * 2, ..sleeper() }, "stop_grace"),
            (Definition { ready: Ready::Announced, uv: Some("/uv".into()), ..sleeper() }, "directory"),
        ];
        for (definition, key) in cases {
            assert_eq!(definition.check().unwrap_err().key, key);
        }
    }
}
