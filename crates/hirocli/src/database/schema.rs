//! The tables, and what an older database lacks of them.

use rusqlite::Connection;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS characters (
        id          TEXT PRIMARY KEY,
        name        TEXT NOT NULL,
        is_default  INTEGER NOT NULL DEFAULT 0,
        folder_path TEXT NOT NULL,
        created_at  TEXT NOT NULL DEFAULT '',
        updated_at  TEXT NOT NULL DEFAULT ''
    );
    CREATE TABLE IF NOT EXISTS devices (
        device_id          TEXT PRIMARY KEY,
        device_public_key  TEXT NOT NULL,
        paired_at          TEXT NOT NULL,
        expires_at         TEXT,
        metadata           TEXT NOT NULL DEFAULT '{}',
        device_name        TEXT
    );
    CREATE TABLE IF NOT EXISTS channel_plugins (
        name          TEXT PRIMARY KEY,
        enabled       INTEGER NOT NULL DEFAULT 1,
        command       TEXT NOT NULL DEFAULT '[]',
        config        TEXT NOT NULL DEFAULT '{}',
        workspace_dir TEXT NOT NULL DEFAULT ''
    );";

/// Table, column, and the definition under which the column can be added to rows that are there.
const COLUMNS: [(&str, &str, &str); 14] = [
    ("characters", "name", "TEXT NOT NULL DEFAULT ''"),
    ("characters", "is_default", "INTEGER NOT NULL DEFAULT 0"),
    ("characters", "folder_path", "TEXT NOT NULL DEFAULT ''"),
    ("characters", "created_at", "TEXT NOT NULL DEFAULT ''"),
    ("characters", "updated_at", "TEXT NOT NULL DEFAULT ''"),
    ("devices", "device_public_key", "TEXT NOT NULL DEFAULT ''"),
    ("devices", "paired_at", "TEXT NOT NULL DEFAULT ''"),
    ("devices", "expires_at", "TEXT"),
    ("devices", "metadata", "TEXT NOT NULL DEFAULT '{}'"),
    ("devices", "device_name", "TEXT"),
    ("channel_plugins", "enabled", "INTEGER NOT NULL DEFAULT 1"),
    ("channel_plugins", "command", "TEXT NOT NULL DEFAULT '[]'"),
    ("channel_plugins", "config", "TEXT NOT NULL DEFAULT '{}'"),
    ("channel_plugins", "workspace_dir", "TEXT NOT NULL DEFAULT ''"),
];

/// Creates the tables and columns that are missing, all or none.
pub(super) fn complete(connection: &Connection) -> rusqlite::Result<()> {
    // Taking the write lock first keeps two programs from adding the same column.
    connection.execute_batch(&format!("BEGIN IMMEDIATE;{TABLES}"))?;
    match add_columns(connection) {
        Ok(()) => connection.execute_batch("COMMIT"),
        Err(error) => {
            connection.execute_batch("ROLLBACK")?;
            Err(error)
        }
    }
}

fn add_columns(connection: &Connection) -> rusqlite::Result<()> {
    for (table, column, definition) in COLUMNS {
        let found = "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2";
        if connection.query_row(found, [table, column], |row| row.get::<_, u32>(0))? == 0 {
            connection.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {column} {definition}"))?;
        }
    }
    Ok(())
}
