//! The database of a workspace, also when others have written into it.

use hirocli::Error;
use hirocli::database::{ChannelPlugin, Database, Device, database_file};
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::{Map, json};
use tempfile::tempdir;

fn device(device_id: &str) -> Device {
    Device {
        device_id: device_id.to_owned(),
        device_public_key: "key".to_owned(),
        paired_at: Timestamp::UNIX_EPOCH,
        expires_at: None,
        metadata: Map::new(),
        device_name: Some("phone".to_owned()),
    }
}

#[test]
fn a_channel_plugin_comes_back_as_it_was_entered() {
    let folder = tempdir().unwrap();
    let database = Database::open(folder.path()).unwrap();
    let mut plugin = ChannelPlugin::new("telegram");
    plugin.command = vec!["telegram".to_owned(), "--fast".to_owned()];
    plugin.config.insert("colour".to_owned(), json!("red"));
    database.upsert_channel_plugin(&plugin).unwrap();
    assert_eq!(database.channel_plugin("telegram").unwrap(), Some(plugin.clone()));
    plugin.workspace_dir = "/uv".to_owned();
    database.upsert_channel_plugin(&plugin).unwrap();
    assert_eq!(database.channel_plugins().unwrap().rows, [plugin]);
}

#[test]
fn plugins_are_listed_by_name_switched_and_removed() {
    let folder = tempdir().unwrap();
    let database = Database::open(folder.path()).unwrap();
    for name in ["b", "a"] {
        database.upsert_channel_plugin(&ChannelPlugin::new(name)).unwrap();
    }
    assert!(database.set_channel_plugin_enabled("a", false).unwrap());
    assert!(!database.set_channel_plugin_enabled("x", false).unwrap());
    let rows = database.channel_plugins().unwrap().rows;
    let states: Vec<_> = rows.iter().map(|plugin| (plugin.name.as_str(), plugin.enabled)).collect();
    assert_eq!(states, [("a", false), ("b", true)]);
    assert!(database.remove_channel_plugin("a").unwrap());
    assert!(!database.remove_channel_plugin("a").unwrap());
}

#[test]
fn a_damaged_row_is_reported_and_hides_no_other() {
    let folder = tempdir().unwrap();
    let database = Database::open(folder.path()).unwrap();
    database.upsert_channel_plugin(&ChannelPlugin::new("good")).unwrap();
    database.insert_device(&device("mobile-1")).unwrap();
    let other = Connection::open(database_file(folder.path())).unwrap();
    other.execute("INSERT INTO channel_plugins (name, command) VALUES ('bad', '[1')", []).unwrap();
    other
        .execute("INSERT INTO devices VALUES ('mobile-2', 'key', 'yesterday', NULL, '{}', NULL)", [])
        .unwrap();
    let plugins = database.channel_plugins().unwrap();
    assert_eq!(plugins.rows, [ChannelPlugin::new("good")]);
    assert_eq!(plugins.bad_rows[0].key, "bad");
    assert!(plugins.bad_rows[0].reason.contains("command"), "{}", plugins.bad_rows[0].reason);
    let error = database.channel_plugin("bad").unwrap_err();
    assert!(matches!(error, Error::BadRow { key, .. } if key == "bad"));
    let devices = database.devices().unwrap();
    assert_eq!(devices.rows, [device("mobile-1")]);
    assert!(devices.bad_rows[0].reason.contains("paired_at"), "{}", devices.bad_rows[0].reason);
}

#[test]
fn devices_are_entered_named_and_removed() {
    let folder = tempdir().unwrap();
    let database = Database::open(folder.path()).unwrap();
    database.insert_device(&device("mobile-1")).unwrap();
    assert_eq!(database.device_name("mobile-1").unwrap().as_deref(), Some("phone"));
    assert_eq!(database.device_name("mobile-2").unwrap(), None);
    assert!(database.remove_device("mobile-1").unwrap());
    assert!(!database.remove_device("mobile-1").unwrap());
}

#[test]
fn columns_that_an_older_version_does_not_have_are_added() {
    let folder = tempdir().unwrap();
    let older = Connection::open(database_file(folder.path())).unwrap();
    older.execute_batch("CREATE TABLE channel_plugins (name TEXT PRIMARY KEY)").unwrap();
    older.execute_batch("INSERT INTO channel_plugins VALUES ('telegram')").unwrap();
    let database = Database::open(folder.path()).unwrap();
    assert_eq!(database.channel_plugins().unwrap().rows, [ChannelPlugin::new("telegram")]);
}

#[test]
fn a_file_that_is_no_database_is_named() {
    let folder = tempdir().unwrap();
    std::fs::write(database_file(folder.path()), "no database, but long enough to look like one").unwrap();
    let error = Database::open(folder.path()).unwrap_err();
    assert!(error.to_string().contains("workspace.db"), "{error}");
}

#[cfg(unix)]
#[test]
fn the_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempdir().unwrap();
    Database::open(folder.path()).unwrap();
    let mode = std::fs::metadata(database_file(folder.path())).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
