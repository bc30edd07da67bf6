//! `workspace.db`: which channel plugins a workspace has, and which devices it has paired.
//!
//! The tables are those of the Python packages, and both may use the file at the same time. A row that can't be
//! understood is reported and doesn't hide the others.

mod channel_plugins;
mod devices;
mod file;
mod schema;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

pub use channel_plugins::ChannelPlugin;
pub use devices::Device;

use crate::Error;

/// How long to wait while another program writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// An open database.
///
/// ```
/// use hirocli::database::Database;
///
/// let folder = tempfile::tempdir().unwrap();
/// let database = Database::open(folder.path()).unwrap();
/// assert!(database.devices().unwrap().rows.is_empty());
/// ```
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    path: PathBuf,
}

/// The rows of a table, as far as they can be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// Those that can.
    pub rows: Vec<T>,
    /// Those that can't.
    pub bad_rows: Vec<BadRow>,
}

/// A row that can't be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// The value of its primary key.
    pub key: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Database {
    /// Opens the database in the workspace's folder. What is missing is created: the file, readable by its owner
    /// only, tables, and columns that older versions don't have.
    ///
    /// # Errors
    /// When the file can't be opened, is none of SQLite's, or can't be written.
    pub fn open(workspace: &Path) -> Result<Self, Error> {
        let path = database_file(workspace);
        file::create_private(&path).map_err(|source| Error::Io {
            action: "create",
            path: path.clone(),
            source,
        })?;
        let opened = Connection::open(&path).and_then(|connection| {
            connection.busy_timeout(BUSY_TIMEOUT)?;
            schema::complete(&connection)?;
            Ok(connection)
        });
        match opened {
            Ok(connection) => Ok(Self { connection, path }),
            Err(source) => Err(Error::Database { action: "open", path, source }),
        }
    }

    /// Opens the database in the workspace's folder for reading only, and creates nothing; `None` where there is none.
    ///
    /// # Errors
    /// When the file can't be opened.
    pub fn look(workspace: &Path) -> Result<Option<Self>, Error> {
        let path = database_file(workspace);
        if !path.exists() {
            return Ok(None);
        }
        let opened =
            Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).and_then(|connection| {
                connection.busy_timeout(BUSY_TIMEOUT)?;
                Ok(connection)
            });
        match opened {
            Ok(connection) => Ok(Some(Self { connection, path })),
            Err(source) => Err(Error::Database { action: "open", path, source }),
        }
    }

    fn failed(&self, action: &'static str) -> impl Fn(rusqlite::Error) -> Error {
        move |source| Error::Database { action, path: self.path.clone(), source }
    }
}

/// The database file in a workspace's folder.
pub fn database_file(workspace: &Path) -> PathBuf {
    workspace.join("workspace.db")
}

impl<T> Listing<T> {
    fn sort(rows: impl IntoIterator<Item = Result<T, BadRow>>) -> Self {
        let mut listing = Self { rows: Vec::new(), bad_rows: Vec::new() };
        for row in rows {
            match row {
                Ok(row) => listing.rows.push(row),
                Err(bad) => listing.bad_rows.push(bad),
            }
        }
        listing
    }
}
