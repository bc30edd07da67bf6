//! The table `devices`: whom the workspace has paired.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use serde_json::{Map, Value, json};

use super::channel_plugins::parse;
use super::{BadRow, Database, Listing};
use crate::Error;
use crate::workspace::with_z;

/// One paired device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The name under which it logs in.
    pub device_id: String,
    /// Its key, in base64.
    pub device_public_key: String,
    /// When it was paired.
    pub paired_at: Timestamp,
    /// Until when it is trusted; none: without end.
    pub expires_at: Option<Timestamp>,
    /// What else there is to know of it.
    pub metadata: Map<String, Value>,
    /// What people call it.
    pub device_name: Option<String>,
}

impl Database {
    /// All paired devices, oldest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn devices(&self) -> Result<Listing<Device>, Error> {
        let failed = self.failed("list the devices in");
        let mut statement =
            self.connection.prepare("SELECT * FROM devices ORDER BY rowid").map_err(&failed)?;
        let rows = statement.query_map([], |row| Ok(read(row))).map_err(&failed)?;
        let rows: Vec<_> = rows.collect::<Result<_, _>>().map_err(&failed)?;
        Ok(Listing::sort(rows))
    }

    /// Whether the device is paired and trusted at `now`. The row decides, not what the device has in its hands.
    ///
    /// # Errors
    /// When the database can't be read, or the row can't be understood.
    pub fn is_paired(&self, device_id: &str, now: Timestamp) -> Result<bool, Error> {
        let select = "SELECT * FROM devices WHERE device_id = ?1";
        let row = self.connection.query_row(select, [device_id], |row| Ok(read(row))).optional();
        match row.map_err(self.failed("look for a device in"))? {
            None => Ok(false),
            Some(Ok(device)) => Ok(device.expires_at.is_none_or(|end| now < end)),
            Some(Err(bad)) => {
                Err(Error::BadRow { path: self.path.clone(), key: bad.key, reason: bad.reason })
            }
        }
    }

    /// What people call the device, if it is known and has a name.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn device_name(&self, device_id: &str) -> Result<Option<String>, Error> {
        let select = "SELECT device_name FROM devices WHERE device_id = ?1";
        let name = self.connection.query_row(select, [device_id], |row| row.get::<_, Option<String>>(0));
        let name = name.optional().map_err(self.failed("look for a device in"))?;
        Ok(name.flatten().filter(|name| !name.is_empty()))
    }

    /// Enters a device, in place of any other of its id.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn insert_device(&self, device: &Device) -> Result<(), Error> {
        let insert = "INSERT OR REPLACE INTO devices
            (device_id, device_public_key, paired_at, expires_at, metadata, device_name)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let values = params![
            device.device_id,
            device.device_public_key,
            with_z(device.paired_at),
            device.expires_at.map(with_z),
            json!(device.metadata).to_string(),
            device.device_name,
        ];
        self.connection.execute(insert, values).map_err(self.failed("enter a device into"))?;
        Ok(())
    }

    /// Strikes a device out; says whether there was one of that id.
    ///
    /// # Errors
    /// When the database can't be written.
    pub fn remove_device(&self, device_id: &str) -> Result<bool, Error> {
        let removed = self.connection.execute("DELETE FROM devices WHERE device_id = ?1", [device_id]);
        Ok(removed.map_err(self.failed("remove a device from"))? > 0)
    }
}

fn read(row: &Row<'_>) -> Result<Device, BadRow> {
    let key: String = row.get("device_id").unwrap_or_default();
    read_columns(row, &key).map_err(|reason| BadRow { key: key.clone(), reason })
}

fn read_columns(row: &Row<'_>, device_id: &str) -> Result<Device, String> {
    let text = |column| row.get::<_, String>(column).map_err(|error| error.to_string());
    let optional = |column| row.get::<_, Option<String>>(column).map_err(|error| error.to_string());
    let expires_at = optional("expires_at")?.filter(|time| !time.is_empty());
    Ok(Device {
        device_id: device_id.to_owned(),
        device_public_key: text("device_public_key")?,
        paired_at: moment("paired_at", &text("paired_at")?)?,
        expires_at: expires_at.map(|time| moment("expires_at", &time)).transpose()?,
        metadata: parse("metadata", &text("metadata")?, "{}")?,
        device_name: optional("device_name")?.filter(|name| !name.is_empty()),
    })
}

fn moment(column: &str, text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|error| format!("column `{column}`: {error}"))
}
