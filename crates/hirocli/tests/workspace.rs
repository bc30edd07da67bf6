//! The files of workspaces: what survives, what is refused, and what is never overwritten.

use std::error::Error as _;
use std::fs;
use std::thread;

use hirocli::Error;
use hirocli::workspace::registry::{self, NewWorkspace, registry_file};
use hirocli::workspace::{WorkspaceConfig, WorkspaceEntry, WorkspaceState, config, master_key};
use serde_json::Value;
use tempfile::tempdir;

fn create(data: &std::path::Path, name: &str) -> Result<WorkspaceEntry, Error> {
    let new = NewWorkspace { name: name.parse()?, path: None, make_default: false };
    registry::create(data, new)
}

#[test]
fn the_first_workspace_is_the_default_and_slots_are_reused() {
    let data = tempdir().unwrap();
    let home = create(data.path(), "home").unwrap();
    let work = create(data.path(), "work").unwrap();
    let loaded = registry::load(data.path()).unwrap();
    assert_eq!(loaded.default_workspace, home.id);
    assert_eq!(loaded.ports(&work).unwrap().http, 18084);
    assert_eq!(home.path, data.path().join("workspaces").join("home"));
    registry::remove(data.path(), &home.id).unwrap();
    assert_eq!(registry::load(data.path()).unwrap().default_workspace, work.id);
    assert_eq!(create(data.path(), "third").unwrap().port_slot, 0);
}

#[test]
fn a_workspace_is_found_by_id_before_name_and_by_argument_before_environment() {
    let data = tempdir().unwrap();
    let home = create(data.path(), "home").unwrap();
    let work = create(data.path(), "work").unwrap();
    let loaded = registry::load(data.path()).unwrap();
    let resolve = |named, environment| loaded.resolve(named, environment).unwrap().name.as_str();
    assert_eq!(resolve(None, None), "home");
    assert_eq!(resolve(None, Some("work")), "work");
    assert_eq!(resolve(Some("home"), Some("work")), "home");
    assert_eq!(resolve(Some(&work.id), None), "work");
    assert_eq!(resolve(Some(""), Some("")), "home");
    registry::set_default(data.path(), &work.id).unwrap();
    assert!(matches!(registry::set_default(data.path(), "x"), Err(Error::WorkspaceIdNotFound { .. })));
    assert_ne!(home.id, work.id);
}

#[test]
fn a_workspace_that_cannot_be_found_is_a_named_error() {
    let data = tempdir().unwrap();
    let text = |named| registry::load(data.path()).unwrap().resolve(named, None).unwrap_err().to_string();
    assert_eq!(text(None), "No workspaces configured. Run 'hiro workspaces create' first.");
    create(data.path(), "home").unwrap();
    create(data.path(), "work").unwrap();
    assert_eq!(text(Some("x")), "Workspace 'x' not found. Available: home, work");
    assert_eq!(create(data.path(), "Home").unwrap_err().to_string(), "Workspace 'Home' already exists.");
}

#[test]
fn two_workspaces_of_one_name_are_told_apart_by_id() {
    let data = tempdir().unwrap();
    let entry =
        |id: &str| format!(r#""{id}": {{"id": "{id}", "name": "x", "path": "/{id}", "port_slot": 0}}"#);
    let text = format!(r#"{{"workspaces": {{{}, {}}}}}"#, entry("aaaaaaaa-1"), entry("bbbbbbbb-2"));
    fs::write(registry_file(data.path()), text).unwrap();
    let loaded = registry::load(data.path()).unwrap();
    assert_eq!(
        loaded.resolve(Some("x"), None).unwrap_err().to_string(),
        "Multiple workspaces named 'x' (ids: aaaaaaaa, bbbbbbbb). Use the workspace id instead."
    );
    assert_eq!(loaded.resolve(Some("bbbbbbbb-2"), None).unwrap().id, "bbbbbbbb-2");
}

#[test]
fn a_name_that_would_leave_the_data_folder_is_refused() {
    let data = tempdir().unwrap();
    assert!(matches!(create(data.path(), "../../evil"), Err(Error::InvalidName(_))));
    assert!(!registry_file(data.path()).exists());
}

#[test]
fn a_damaged_registry_is_named_and_left_alone() {
    let data = tempdir().unwrap();
    let path = registry_file(data.path());
    let damaged = "{\n  \"workspaces\": {\n    \"id\": ";
    fs::write(&path, damaged).unwrap();
    for error in [registry::load(data.path()).unwrap_err(), create(data.path(), "home").unwrap_err()] {
        let text = error.to_string();
        assert!(text.contains(path.to_str().unwrap()) && text.contains("line 3"), "{text}");
        assert!(error.source().is_some());
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
}

#[test]
fn six_parallel_creates_all_survive() {
    let data = tempdir().unwrap();
    thread::scope(|scope| {
        for index in 0..6 {
            let data = data.path();
            scope.spawn(move || create(data, &format!("workspace-{index}")).unwrap());
        }
    });
    let loaded = registry::load(data.path()).unwrap();
    let mut slots: Vec<u32> = loaded.workspaces.values().map(|entry| entry.port_slot).collect();
    slots.sort_unstable();
    assert_eq!(slots, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn the_configuration_has_the_keys_of_the_python_packages_in_their_order() {
    let folder = tempdir().unwrap();
    WorkspaceConfig::default().save(folder.path()).unwrap();
    let text = fs::read_to_string(config::config_file(folder.path())).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "device_id",
        "gateway_url",
        "http_host",
        "http_port",
        "plugin_port",
        "admin_port",
        "master_key_file",
        "pairing_code_length",
        "pairing_code_ttl_seconds",
        "attestation_expires_days",
        "log_level",
        "log_dir",
        "module_log_levels",
        "metrics_enabled",
        "metrics_interval",
        "metrics_history_size",
        "autostart_method",
    ];
    assert_eq!(keys, expected);
    assert_eq!(value["metrics_interval"], 2.0);
    assert!(text.starts_with("{\n  \"device_id\": \"") && text.ends_with('}'));
}

#[test]
fn keys_of_other_versions_survive_a_change() {
    let folder = tempdir().unwrap();
    fs::write(config::config_file(folder.path()), r#"{"device_id": "d", "mood": "good"}"#).unwrap();
    WorkspaceConfig::update(folder.path(), |config| config.log_level = "DEBUG".to_owned()).unwrap();
    let config = WorkspaceConfig::load(folder.path()).unwrap();
    assert_eq!((config.device_id.as_str(), config.log_level.as_str()), ("d", "DEBUG"));
    assert_eq!(config.other["mood"], "good");
}

#[test]
fn a_missing_configuration_is_named() {
    let folder = tempdir().unwrap();
    let error = WorkspaceConfig::load(folder.path()).unwrap_err();
    assert!(matches!(error, Error::ConfigMissing { path } if path.ends_with("config.json")));
}

#[test]
fn the_state_has_the_form_of_the_python_packages() {
    let folder = tempdir().unwrap();
    let mut state = WorkspaceState::default();
    state.connected("ws://g", "2026-11-22T10:31:53.65824Z".parse().unwrap());
    state.save(folder.path()).unwrap();
    let text = fs::read_to_string(folder.path().join("state.json")).unwrap();
    let expected = "{\n  \"ws_connected\": true,\n  \"last_connected\": \"2026-11-22T10:31:53.658240+00:00\",\n  \
                    \"gateway_url\": \"ws://g\"\n}";
    assert_eq!(text, expected);
}

#[test]
fn everyone_who_creates_the_master_key_gets_the_same_one() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("master_key.pem");
    let keys: Vec<String> = thread::scope(|scope| {
        let create = || master_key::load_or_create(&path).unwrap().public_key().to_base64();
        let creators: Vec<_> = (0..6).map(|_| scope.spawn(create)).collect();
        creators.into_iter().map(|creator| creator.join().unwrap()).collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0]));
    assert_eq!(fs::read(&path).unwrap().len(), 119);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
}

#[test]
fn a_file_that_holds_no_key_is_named_and_left_alone() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("master_key.pem");
    let missing = master_key::load(&path).unwrap_err();
    assert!(missing.to_string().contains("master_key.pem"));
    fs::write(&path, "no key").unwrap();
    assert!(matches!(master_key::load_or_create(&path), Err(Error::InvalidMasterKey { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "no key");
}

#[cfg(unix)]
#[test]
fn the_master_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempdir().unwrap();
    let path = folder.path().join("master_key.pem");
    master_key::load_or_create(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
