//! The tools that a program can call by name through `POST /invoke`: a flat table of what the command line does.
//!
//! A tool that isn't in the table is not there. What a tool is given beyond what it declares is dropped.

mod deeds;
mod own_children;
mod table;

use std::path::{Path, PathBuf};

use hirogateway::InstanceName;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use super::ControlRequest;
use crate::context::Context;
use crate::error::with_causes;
use crate::tools::workspaces;
use crate::workspace::WorkspaceEntry;
use table::{Param, TOOLS, Tool};

/// What a tool works on.
pub(super) struct Call<'a> {
    pub(super) home: &'a Context,
    /// The workspace of the server that is asked.
    pub(super) own: &'a WorkspaceEntry,
    /// The owner of its process and of its children.
    pub(super) control: &'a mpsc::Sender<ControlRequest>,
    pub(super) params: Map<String, Value>,
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoResult {
    /// There is no such tool; the text says which there are.
    Unknown(String),
    /// It was tried and failed; the text says why.
    Failed(String),
}

/// The table as JSON.
pub(super) fn schema() -> Value {
    let param = |param: &Param| {
        let about = json!({"type": param.kind, "description": param.description, "required": param.required});
        (param.name.to_owned(), about)
    };
    let tool = |tool: &Tool| {
        let params: Map<String, Value> = tool.params.iter().map(param).collect();
        json!({"name": tool.name, "description": tool.description, "params": params})
    };
    json!({"tools": TOOLS.iter().map(tool).collect::<Vec<_>>()})
}

/// Runs the tool `name`. It may take as long as what it does takes on the command line.
pub(super) fn invoke(name: &str, mut call: Call<'_>) -> Result<Value, NoResult> {
    let Some(tool) = TOOLS.iter().find(|tool| tool.name == name) else {
        let names: Vec<String> = TOOLS.iter().map(|tool| format!("'{}'", tool.name)).collect();
        let text = format!("Unknown tool: '{name}'. Available: [{}]", names.join(", "));
        return Err(NoResult::Unknown(text));
    };
    call.params.retain(|key, value| !value.is_null() && tool.params.iter().any(|param| param.name == key));
    let missing = tool.params.iter().find(|param| param.required && !call.params.contains_key(param.name));
    let done = match missing {
        Some(param) => Err(format!("missing a required argument: '{}'", param.name)),
        None => (tool.run)(&call),
    };
    done.map_err(|error| NoResult::Failed(format!("Tool '{name}' raised: {error}")))
}

impl Call<'_> {
    fn text(&self, key: &str) -> Result<Option<&str>, String> {
        match self.params.get(key) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or_else(|| format!("`{key}` must be a text")),
        }
    }

    fn number(&self, key: &str) -> Result<Option<u64>, String> {
        match self.params.get(key) {
            None => Ok(None),
            Some(value) => {
                value.as_u64().map(Some).ok_or_else(|| format!("`{key}` must be a number from 0 on"))
            }
        }
    }

    /// A text that is worth something.
    fn some_text(&self, key: &str) -> Result<Option<&str>, String> {
        Ok(self.text(key)?.filter(|text| !text.is_empty()))
    }

    fn switch(&self, key: &str) -> Result<Option<bool>, String> {
        match self.params.get(key) {
            None => Ok(None),
            Some(value) => value.as_bool().map(Some).ok_or_else(|| format!("`{key}` must be true or false")),
        }
    }

    fn is_on(&self, key: &str) -> Result<bool, String> {
        Ok(self.switch(key)?.unwrap_or_default())
    }

    fn seconds(&self, key: &str) -> Result<Option<f64>, String> {
        let number = |value: &Value| value.as_f64().filter(|number| number.is_finite());
        match self.params.get(key) {
            None => Ok(None),
            Some(value) => number(value).map(Some).ok_or_else(|| format!("`{key}` must be a number")),
        }
    }

    fn port(&self, key: &str) -> Result<Option<u16>, String> {
        let Some(number) = self.number(key)? else { return Ok(None) };
        let port = u16::try_from(number).ok().filter(|port| *port > 0);
        port.map(Some).ok_or_else(|| format!("`{key}` must be a port from 1 to 65535"))
    }

    /// Whoever asks has another current folder than this server.
    fn folder(&self, key: &str) -> Result<Option<PathBuf>, String> {
        let Some(text) = self.some_text(key)? else { return Ok(None) };
        match Path::new(text).is_absolute() {
            true => Ok(Some(text.into())),
            false => Err(format!("`{key}` must be an absolute path")),
        }
    }

    fn name(&self, key: &str) -> Result<Option<InstanceName>, String> {
        let name = self.some_text(key)?;
        name.map(str::parse).transpose().map_err(|error: hirogateway::InvalidName| error.to_string())
    }

    fn required_name(&self, key: &str) -> Result<InstanceName, String> {
        self.name(key)?.ok_or_else(|| format!("`{key}` must not be empty"))
    }

    /// The workspace that is meant: this server's own unless another one is named.
    fn workspace(&self) -> Result<WorkspaceEntry, String> {
        let Some(named) = self.some_text("workspace")? else { return Ok(self.own.clone()) };
        let found = workspaces::resolve(self.home, Some(named)).map_err(|error| with_causes(&error))?;
        // Renamed while its server runs: the server's children keep the name that they were started under.
        Ok(if found.id == self.own.id { self.own.clone() } else { found })
    }

    /// The same, but not this server's own: a server that stops itself can't say how it went.
    fn other_workspace(&self, instead: &str) -> Result<WorkspaceEntry, String> {
        let workspace = self.workspace()?;
        match workspace.id == self.own.id {
            true => Err(format!("this is the server itself; use `{instead}`")),
            false => Ok(workspace),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, params: Value) -> Result<Value, NoResult> {
        let folder = tempfile::tempdir().unwrap();
        let (id, path) = ("1".to_owned(), folder.path().to_owned());
        let own = WorkspaceEntry { id, name: "test".to_owned(), path, port_slot: 0, other: Map::new() };
        let home = Context::new(folder.path(), "hiro").unwrap();
        let (control, _requests) = mpsc::channel(1);
        let params = params.as_object().cloned().unwrap();
        invoke(name, Call { home: &home, own: &own, control: &control, params })
    }

    #[test]
    fn an_unknown_tool_is_told_which_there_are() {
        let Err(NoResult::Unknown(text)) = call("dance", json!({})) else { panic!("it dances") };
        assert!(text.starts_with("Unknown tool: 'dance'. Available: ['status', 'setup'"), "{text}");
    }

    #[test]
    fn what_is_not_declared_is_dropped_and_what_is_required_must_be_there() {
        assert_eq!(call("device_list", json!({"colour": "blue"})), Ok(json!({"devices": []})));
        let missing = NoResult::Failed(
            "Tool 'device_revoke' raised: missing a required argument: 'device_id'".to_owned(),
        );
        assert_eq!(call("device_revoke", json!({})), Err(missing));
        let revoked = call("device_revoke", json!({"device_id": "mobile-1"}));
        assert_eq!(revoked, Ok(json!({"removed": false, "device_id": "mobile-1"})));
    }

    #[test]
    fn a_server_does_not_stop_itself_by_a_tool() {
        let table = [
            ("stop", "POST /_shutdown"),
            ("restart", "POST /_restart"),
            ("teardown", "hiro workspaces teardown"),
            ("uninstall", "hiro uninstall"),
        ];
        for (tool, instead) in table {
            let Err(NoResult::Failed(text)) = call(tool, json!({})) else { panic!("it stopped") };
            assert!(text.contains(instead), "{text}");
        }
    }

    #[test]
    fn a_package_is_not_installed_and_the_hint_says_what_does() {
        let Err(NoResult::Failed(text)) = call("channel_install", json!({"name": "x"})) else {
            panic!("it is installed")
        };
        assert!(text.contains("`hiro-channel-x`") && text.contains("hint: `uv tool install"), "{text}");
    }

    #[test]
    fn what_is_of_another_type_is_refused() {
        let table = [
            ("setup", json!({"port": 70_000}), "port"),
            ("setup", json!({"metrics": "yes"}), "metrics"),
            ("setup", json!({"metrics_interval": "often"}), "metrics_interval"),
            ("workspace_create", json!({"name": "x", "path": "here"}), "path"),
            ("channel_setup", json!({"name": ""}), "name"),
        ];
        for (tool, params, key) in table {
            let Err(NoResult::Failed(text)) = call(tool, params) else { panic!("{tool} did it") };
            assert!(text.contains(&format!("`{key}` must ")), "{text}");
        }
    }

    #[test]
    fn every_process_tool_of_the_python_server_is_there() {
        let named = [
            "setup",
            "start",
            "stop",
            "restart",
            "status",
            "teardown",
            "uninstall",
            "gateway_status",
            "gateway_start",
            "gateway_stop",
            "gateway_setup",
            "gateway_teardown",
            "channel_list",
            "channel_install",
            "channel_setup",
            "channel_enable",
            "channel_disable",
            "channel_remove",
            "workspace_list",
            "workspace_create",
            "workspace_remove",
            "workspace_update",
            "workspace_show",
            "device_add",
            "device_list",
            "device_revoke",
            "log_search",
            "log_tail",
        ];
        for name in named {
            assert!(TOOLS.iter().any(|tool| tool.name == name), "{name}");
        }
    }

    #[test]
    fn every_tool_is_in_the_schema_once() {
        let schema = schema();
        let names: std::collections::BTreeSet<_> =
            schema["tools"].as_array().unwrap().iter().map(|tool| tool["name"].to_string()).collect();
        assert_eq!(names.len(), TOOLS.len());
        assert_eq!(schema["tools"][0]["params"]["workspace"]["type"], "str");
    }
}
