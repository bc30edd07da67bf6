//! The tools that a program can call by name through `POST /invoke`: a flat table of what the command line does.
//!
//! A tool that isn't in the table is not there. What a tool is given beyond what it declares is dropped.

mod deeds;

use hirogateway::InstanceName;
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::error::with_causes;
use crate::tools::workspaces;
use crate::workspace::WorkspaceEntry;

/// What a tool works on.
pub(super) struct Call<'a> {
    pub(super) home: &'a Context,
    /// The workspace of the server that is asked.
    pub(super) own: &'a WorkspaceEntry,
    pub(super) params: Map<String, Value>,
}

/// What a tool takes.
struct Param {
    name: &'static str,
    /// As Python calls it: `str` or `int`.
    kind: &'static str,
    description: &'static str,
    required: bool,
}

struct Tool {
    name: &'static str,
    description: &'static str,
    params: &'static [Param],
    run: fn(&Call<'_>) -> Result<Value, String>,
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoResult {
    /// There is no such tool; the text says which there are.
    Unknown(String),
    /// It was tried and failed; the text says why.
    Failed(String),
}

const fn optional(name: &'static str, kind: &'static str, description: &'static str) -> Param {
    Param { name, kind, description, required: false }
}

const fn required(name: &'static str, description: &'static str) -> Param {
    Param { name, kind: "str", description, required: true }
}

const WORKSPACE: Param = optional("workspace", "str", "Workspace name or id (default: this server's)");
const INSTANCE: Param = optional("instance", "str", "Gateway instance (default: the default one)");
const SOURCE: Param = optional("source", "str", "server, channels, gateway, cli or all (default: all)");

const TOOLS: [Tool; 14] = [
    Tool {
        name: "status",
        description: "Say how a workspace's instances are",
        params: &[WORKSPACE],
        run: deeds::status,
    },
    Tool {
        name: "start",
        description: "Start the server of a workspace",
        params: &[WORKSPACE],
        run: deeds::start,
    },
    Tool {
        name: "stop",
        description: "Stop the server of another workspace",
        params: &[WORKSPACE],
        run: deeds::stop,
    },
    Tool {
        name: "restart",
        description: "Restart the server of another workspace",
        params: &[WORKSPACE],
        run: deeds::restart,
    },
    Tool {
        name: "gateway_status",
        description: "Say how the gateways are",
        params: &[INSTANCE],
        run: deeds::gateway_status,
    },
    Tool {
        name: "gateway_start",
        description: "Start a gateway",
        params: &[INSTANCE],
        run: deeds::gateway_start,
    },
    Tool {
        name: "gateway_stop",
        description: "Stop a gateway",
        params: &[INSTANCE],
        run: deeds::gateway_stop,
    },
    Tool {
        name: "workspace_list",
        description: "List the workspaces",
        params: &[],
        run: deeds::workspace_list,
    },
    Tool {
        name: "workspace_show",
        description: "Show one workspace",
        params: &[WORKSPACE],
        run: deeds::workspace_show,
    },
    Tool {
        name: "device_add",
        description: "Generate a short-lived pairing code for a new device",
        params: &[
            WORKSPACE,
            optional("ttl_seconds", "int", "How long the code holds"),
            optional("code_length", "int", "How many digits it has"),
        ],
        run: deeds::device_add,
    },
    Tool {
        name: "device_list",
        description: "List the paired devices",
        params: &[WORKSPACE],
        run: deeds::device_list,
    },
    Tool {
        name: "device_revoke",
        description: "Take a device's right to talk to the server away",
        params: &[required("device_id", "The device"), WORKSPACE],
        run: deeds::device_revoke,
    },
    Tool {
        name: "log_search",
        description: "Find rows in the logs",
        params: &[
            SOURCE,
            optional("level", "str", "The least level"),
            optional("module", "str", "What the module has in its name"),
            optional("query", "str", "What message or extra have in them"),
            optional("limit", "int", "How many rows at the most (default 200)"),
            WORKSPACE,
        ],
        run: deeds::log_search,
    },
    Tool {
        name: "log_tail",
        description: "The last rows of the logs",
        params: &[SOURCE, optional("lines", "int", "How many (default 500)"), WORKSPACE],
        run: deeds::log_tail,
    },
];

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

    /// The workspace that is meant: this server's own unless another one is named.
    fn workspace(&self) -> Result<WorkspaceEntry, String> {
        match self.text("workspace")? {
            None | Some("") => Ok(self.own.clone()),
            named => workspaces::resolve(self.home, named).map_err(|error| with_causes(&error)),
        }
    }

    /// The same, but not this server's own: a server that stops itself can't say how it went.
    fn other_workspace(&self, instead: &str) -> Result<WorkspaceEntry, String> {
        let workspace = self.workspace()?;
        match workspace.id == self.own.id {
            true => Err(format!("this is the server itself; use `POST {instead}`")),
            false => Ok(workspace),
        }
    }

    fn instance(&self) -> Result<Option<InstanceName>, String> {
        let name = self.text("instance")?.filter(|name| !name.is_empty());
        name.map(str::parse).transpose().map_err(|error: hirogateway::InvalidName| error.to_string())
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
        invoke(name, Call { home: &home, own: &own, params: params.as_object().cloned().unwrap() })
    }

    #[test]
    fn an_unknown_tool_is_told_which_there_are() {
        let Err(NoResult::Unknown(text)) = call("dance", json!({})) else { panic!("it dances") };
        assert!(text.starts_with("Unknown tool: 'dance'. Available: ['status', 'start'"), "{text}");
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
        for (tool, instead) in [("stop", "/_shutdown"), ("restart", "/_restart")] {
            let Err(NoResult::Failed(text)) = call(tool, json!({})) else { panic!("it stopped") };
            assert!(text.contains(instead), "{text}");
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
