//! The table `channel_plugins`: how each plugin is started and configured.

use rusqlite::{OptionalExtension, Row, params};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{BadRow, Database, Listing};
use crate::Error;

/// One channel plugin of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelPlugin {
    /// Its name.
    pub name: String,
    /// Whether it is started with the server.
    pub enabled: bool,
    /// Program and arguments; empty: `hiro-channel-<name>`.
    pub command: Vec<String>,
    /// What it is told when it has registered.
    pub config: Map<String, Value>,
    /// The uv workspace that it runs in; empty: none.
    pub workspace_dir: String,
}

impl ChannelPlugin {
    /// An enabled plugin with an empty configuration.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            enabled: true,
            command: Vec::new(),
            config: Map::new(),
            workspace_dir: String::new(),
        }
    }
}

impl Database {
    /// All channel plugins, by name.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn channel_plugins(&self) -> Result<Listing<ChannelPlugin>, Error> {
        let failed = self.failed("list the channel plugins in");
        let mut statement =
            self.connection.prepare("SELECT * FROM channel_plugins ORDER BY name").map_err(&failed)?;
        let rows = statement.query_map([], |row| Ok(read(row))).map_err(&failed)?;
        let rows: Vec<_> = rows.collect::<Result<_, _>>().map_err(&failed)?;
        Ok(Listing::sort(rows))
    }

    /// The channel plugin `name`.
    ///
    /// # Errors
    /// When the database can't be read, or the row can't be understood.
    pub fn channel_plugin(&self, name: &str) -> Result<Option<ChannelPlugin>, Error> {
        let select = "SELECT * FROM channel_plugins WHERE name = ?1";
        let row = self.connection.query_row(select, [name], |row| Ok(read(row))).optional();
        match row.map_err(self.failed("look for a channel plugin in"))? {
            None => Ok(None),
            Some(Ok(plugin)) => Ok(Some(plugin)),
            Some(Err(bad)) => {
                Err(Error::BadRow { path: self.path.clone(), key: bad.key, reason: bad.reason })
            }
        }
    }

    /// Enters a channel plugin, in place of any other of its name.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn upsert_channel_plugin(&self, plugin: &ChannelPlugin) -> Result<(), Error> {
        let upsert = "INSERT INTO channel_plugins (name, enabled, command, config, workspace_dir)
            VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT(name) DO UPDATE SET enabled = excluded.enabled, command = excluded.command,
                config = excluded.config, workspace_dir = excluded.workspace_dir";
        let (command, config) = (json!(plugin.command).to_string(), json!(plugin.config).to_string());
        self.connection
            .execute(upsert, params![plugin.name, plugin.enabled, command, config, plugin.workspace_dir])
            .map_err(self.failed("enter a channel plugin into"))?;
        Ok(())
    }

    /// Switches a channel plugin on or off; says whether there is one of that name.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn set_channel_plugin_enabled(&self, name: &str, enabled: bool) -> Result<bool, Error> {
        let update = "UPDATE channel_plugins SET enabled = ?2 WHERE name = ?1";
        let changed = self.connection.execute(update, params![name, enabled]);
        Ok(changed.map_err(self.failed("switch a channel plugin in"))? > 0)
    }

    /// Strikes a channel plugin out; says whether there was one of that name.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn remove_channel_plugin(&self, name: &str) -> Result<bool, Error> {
        let removed = self.connection.execute("DELETE FROM channel_plugins WHERE name = ?1", [name]);
        Ok(removed.map_err(self.failed("remove a channel plugin from"))? > 0)
    }
}

fn read(row: &Row<'_>) -> Result<ChannelPlugin, BadRow> {
    let key: String = row.get("name").unwrap_or_default();
    read_columns(row, &key).map_err(|reason| BadRow { key: key.clone(), reason })
}

fn read_columns(row: &Row<'_>, name: &str) -> Result<ChannelPlugin, String> {
    let text = |column| row.get::<_, String>(column).map_err(|error| error.to_string());
    let enabled: i64 = row.get("enabled").map_err(|error| error.to_string())?;
    Ok(ChannelPlugin {
        name: name.to_owned(),
        enabled: enabled != 0,
        command: parse("command", &text("command")?, "[]")?,
        config: parse("config", &text("config")?, "{}")?,
        workspace_dir: text("workspace_dir")?,
    })
}

/// An empty text counts as `empty`, as it does for the Python packages.
pub(super) fn parse<T: DeserializeOwned>(column: &str, text: &str, empty: &str) -> Result<T, String> {
    let text = if text.is_empty() { empty } else { text };
    serde_json::from_str(text).map_err(|error| format!("column `{column}`: {error}"))
}
