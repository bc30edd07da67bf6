//! The tools in one flat table, each with what it takes and what it does.
//!
//! Names and parameters are those of the Python server and of the command lines. What those take for the start with the
//! computer is not declared: it is dropped.

use serde_json::Value;

use super::Call;
use super::deeds::{self, channels, gateways, workspaces};

/// What a tool takes.
pub(super) struct Param {
    pub(super) name: &'static str,
    /// As Python calls it: `str`, `int`, `float` or `bool`.
    pub(super) kind: &'static str,
    pub(super) description: &'static str,
    pub(super) required: bool,
}

pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) params: &'static [Param],
    pub(super) run: fn(&Call<'_>) -> Result<Value, String>,
}

const fn optional(name: &'static str, kind: &'static str, description: &'static str) -> Param {
    Param { name, kind, description, required: false }
}

const fn required(name: &'static str, kind: &'static str, description: &'static str) -> Param {
    Param { name, kind, description, required: true }
}

const WORKSPACE: Param = optional("workspace", "str", "Workspace name or id (default: this server's)");
const INSTANCE: Param = optional("instance", "str", "Gateway instance (default: the default one)");
const SOURCE: Param =
    optional("source", "str", "server, channels, services, gateway, cli or all (default: all)");
const CHANNEL: Param = required("name", "str", "The channel");

/// Those that there are.
pub(super) const TOOLS: [Tool; 28] = [
    Tool {
        name: "status",
        description: "Say how a workspace's instances are",
        params: &[WORKSPACE],
        run: deeds::status,
    },
    Tool {
        name: "setup",
        description: "Set a workspace up; what is not said stays as it is",
        params: &[
            WORKSPACE,
            optional("gateway_url", "str", "The address of its gateway"),
            optional("port", "int", "The port of its HTTP API"),
            optional("start_server", "bool", "Start its server then"),
            optional("metrics", "bool", "Gather figures of the server and its children"),
            optional("metrics_interval", "float", "How often, in seconds"),
        ],
        run: workspaces::setup,
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
        name: "teardown",
        description: "Stop the server and the services of another workspace for good",
        params: &[WORKSPACE, optional("purge", "bool", "Remove the workspace and delete its files")],
        run: workspaces::teardown,
    },
    Tool {
        name: "uninstall",
        description: "The same, and say how to remove the program",
        params: &[WORKSPACE, optional("purge", "bool", "Remove the workspace and delete its files")],
        run: workspaces::uninstall,
    },
    Tool {
        name: "gateway_status",
        description: "Say how the gateways are",
        params: &[INSTANCE],
        run: gateways::status,
    },
    Tool {
        name: "gateway_start",
        description: "Start a gateway",
        params: &[INSTANCE, optional("verbose", "bool", "Log everything that it does")],
        run: gateways::start,
    },
    Tool { name: "gateway_stop", description: "Stop a gateway", params: &[INSTANCE], run: gateways::stop },
    Tool {
        name: "gateway_setup",
        description: "Create a gateway",
        params: &[
            required("name", "str", "The name of the new instance"),
            required("port", "int", "The port to listen on"),
            required("desktop_public_key", "str", "The key of the desktop that it trusts, in base64"),
            optional("host", "str", "The host to listen on (default: 127.0.0.1)"),
            optional("path", "str", "Its folder (default: one of its name)"),
            optional("log_dir", "str", "Where its log files go"),
            optional("make_default", "bool", "It is meant when none is named"),
        ],
        run: gateways::setup,
    },
    Tool {
        name: "gateway_teardown",
        description: "Stop a gateway; with purge, remove it",
        params: &[INSTANCE, optional("purge", "bool", "Remove it and delete its files")],
        run: gateways::teardown,
    },
    Tool {
        name: "channel_list",
        description: "List the channels of a workspace",
        params: &[WORKSPACE],
        run: channels::list,
    },
    Tool {
        name: "channel_install",
        description: "Not done by this program: it says what does",
        params: &[CHANNEL, optional("package", "str", "The package (default: hiro-channel-NAME)")],
        run: channels::install,
    },
    Tool {
        name: "channel_setup",
        description: "Enter a channel or change it",
        params: &[
            CHANNEL,
            optional("command", "str", "Program and arguments, separated by spaces"),
            optional("enable", "bool", "Start its plugin with the server (default: true)"),
            WORKSPACE,
        ],
        run: channels::setup,
    },
    Tool {
        name: "channel_enable",
        description: "Have the plugin of a channel started with the server, and now",
        params: &[CHANNEL, WORKSPACE],
        run: channels::enable,
    },
    Tool {
        name: "channel_disable",
        description: "Stop the plugin of a channel, and don't start it any more",
        params: &[CHANNEL, WORKSPACE],
        run: channels::disable,
    },
    Tool {
        name: "channel_remove",
        description: "Stop the plugin of a channel and strike the channel out",
        params: &[CHANNEL, WORKSPACE],
        run: channels::remove,
    },
    Tool { name: "workspace_list", description: "List the workspaces", params: &[], run: workspaces::list },
    Tool {
        name: "workspace_show",
        description: "Show one workspace",
        params: &[WORKSPACE],
        run: workspaces::show,
    },
    Tool {
        name: "workspace_create",
        description: "Create a workspace and set it up",
        params: &[
            required("name", "str", "The name of the new workspace"),
            optional("path", "str", "Its folder (default: one of its name)"),
            optional("set_default", "bool", "It is meant when none is named"),
        ],
        run: workspaces::create,
    },
    Tool {
        name: "workspace_update",
        description: "Change a workspace",
        params: &[
            required("workspace", "str", "Workspace name or id"),
            optional("name", "str", "What it shall be called"),
            optional("set_default", "bool", "It is meant when none is named"),
            optional("gateway_url", "str", "The address of its gateway"),
        ],
        run: workspaces::update,
    },
    Tool {
        name: "workspace_remove",
        description: "Strike another workspace out of the list",
        params: &[
            required("workspace", "str", "Workspace name or id"),
            optional("purge", "bool", "Delete its files, too"),
        ],
        run: workspaces::remove,
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
        params: &[required("device_id", "str", "The device"), WORKSPACE],
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
