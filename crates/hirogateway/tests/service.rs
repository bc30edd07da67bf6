//! What the service does with files; what it does with processes is tried in `hiro-testkit`.

use std::fs;
use std::path::{Path, PathBuf};

use hiro_protocol::keys::SecretKey;
use hirogateway::registry::NewInstance;
use hirogateway::report::StateName;
use hirogateway::service::{Setup, SetupResult};
use hirogateway::{GatewayError, Gateways};

fn gateways(folder: &Path) -> Gateways {
    Gateways::new(folder.join("hirogate"), ["/nowhere/hirogate"]).expect("an absolute path")
}

fn setup(name: &str, port: i64, path: Option<PathBuf>) -> Setup {
    let (name, host) = (name.parse().expect("a valid name"), "127.0.0.1".to_owned());
    let instance = NewInstance { name, host, port, path };
    Setup::new(instance, SecretKey::generate().public_key().to_base64())
}

fn create(gateways: &Gateways, name: &str, port: i64, path: Option<PathBuf>) -> SetupResult {
    gateways.setup_instance(setup(name, port, path)).expect("a free name and port")
}

#[test]
fn a_refused_setup_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let gateways = gateways(folder.path());
    for port in [0, 99_999] {
        let refused = gateways.setup_instance(setup("home", port, None));
        assert!(matches!(refused, Err(GatewayError::InvalidPort { port: named }) if named == port));
    }
    let no_key = Setup { desktop_public_key: "AAAA".to_owned(), ..setup("home", 1, None) };
    let refused = gateways.setup_instance(no_key);
    assert!(matches!(refused, Err(GatewayError::InvalidDesktopKey { .. })));
    assert!(!gateways.data().exists());
}

#[test]
fn a_setup_never_overwrites_a_configuration_that_it_can_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let (gateways, chosen) = (gateways(folder.path()), folder.path().join("chosen"));
    fs::create_dir(&chosen).unwrap();
    fs::write(chosen.join("config.json"), "{oops").unwrap();
    let refused = gateways.setup_instance(setup("home", 1, Some(chosen.clone()))).unwrap_err();
    assert!(refused.with_causes().contains("config.json` is damaged at line 1, column 2: "));
    assert!(refused.hint().is_some());
    assert_eq!(fs::read_to_string(chosen.join("config.json")).unwrap(), "{oops");
    assert!(gateways.list().unwrap().is_empty());
}

#[cfg(unix)]
#[test]
fn a_setup_whose_configuration_can_not_be_written_leaves_no_instance() {
    let folder = tempfile::tempdir().unwrap();
    let (gateways, chosen) = (gateways(folder.path()), folder.path().join("chosen"));
    std::os::unix::fs::symlink("/nowhere/at/all", &chosen).unwrap();
    gateways.setup_instance(setup("home", 1, Some(chosen))).unwrap_err();
    assert!(gateways.list().unwrap().is_empty());
}

#[test]
fn a_purge_spares_the_instance_that_lives_inside() {
    let folder = tempfile::tempdir().unwrap();
    let gateways = gateways(folder.path());
    let outer = create(&gateways, "outer", 1, None).instance_path;
    let inner = create(&gateways, "inner", 2, Some(outer.join("inner"))).instance_path;
    let removed = gateways.remove("outer", true).unwrap();
    assert!(removed.purged && removed.folder_remains);
    assert!(!outer.join("config.json").exists() && inner.join("config.json").exists());
}

#[test]
fn a_purge_deletes_a_folder_that_the_registry_chose_whole() {
    let folder = tempfile::tempdir().unwrap();
    let gateways = gateways(folder.path());
    let path = create(&gateways, "home", 1, None).instance_path;
    fs::create_dir(path.join("logs")).unwrap();
    fs::write(path.join("logs").join("anything"), "").unwrap();
    let removed = gateways.remove("home", true).unwrap();
    assert!(removed.removed && !removed.folder_remains && !path.exists());
}

#[test]
fn a_teardown_keeps_the_instance_unless_it_purges() {
    let folder = tempfile::tempdir().unwrap();
    let gateways = gateways(folder.path());
    create(&gateways, "home", 1, None);
    assert!(!gateways.teardown_instance(None, false).unwrap().removed);
    assert_eq!(gateways.list().unwrap().len(), 1);
    assert!(gateways.teardown_instance(Some("home"), true).unwrap().purged);
    assert!(gateways.list().unwrap().is_empty());
}

#[test]
fn no_desktop_is_connected_to_a_gateway_that_does_not_run_whatever_its_last_word_was() {
    let folder = tempfile::tempdir().unwrap();
    let gateways = gateways(folder.path());
    let path = create(&gateways, "home", 1, None).instance_path;
    fs::write(path.join("state.json"), r#"{"desktop_connected": true}"#).unwrap();
    let reports = gateways.get_status(Some("home")).unwrap();
    assert_eq!(reports.instances[0].other["desktop_connected"], false);
}

#[test]
fn an_entry_that_can_not_be_is_told_in_its_own_row() {
    let folder = tempfile::tempdir().unwrap();
    let gateways = gateways(folder.path());
    create(&gateways, "good", 1, None);
    let bad = create(&gateways, "bad", 2, None).instance_path;
    let registry = gateways.data().join("registry.json");
    let text = fs::read_to_string(&registry).unwrap().replace("\"port\": 2", "\"port\": 99999");
    fs::write(&registry, text).unwrap();
    let rows = gateways.get_status(None).unwrap().instances;
    let error = rows[1].last_error.as_deref().unwrap();
    assert_eq!((rows[0].last_error.as_deref(), rows[1].state), (None, StateName::Stopped));
    assert!(error.contains("registry.json` gives instance `bad` the port `99999`"), "{error}");
    assert_eq!(rows[1].path.as_ref(), Some(&bad));
}
