//! Which gateway instances there are.

use std::fs;
use std::path::Path;
use std::thread;

use hirogateway::GatewayError;
use hirogateway::registry::{self, InstanceEntry, NewInstance, Registry};

fn new(name: &str, host: &str, port: i64) -> NewInstance {
    let name = name.parse().expect("a valid name");
    NewInstance { name, host: host.to_owned(), port, path: None }
}

fn create(data: &Path, name: &str, host: &str, port: i64) -> Result<InstanceEntry, GatewayError> {
    registry::create(data, new(name, host, port))
}

fn message<T: std::fmt::Debug>(result: Result<T, GatewayError>) -> String {
    result.expect_err("a refusal").to_string()
}

#[test]
fn the_file_is_the_one_that_the_python_package_writes() {
    let data = tempfile::tempdir().unwrap();
    let entry = create(data.path(), "büro", "0.0.0.0", 8765).unwrap();
    let path = data.path().join("instances").join("büro");
    assert_eq!(entry.path, path);
    let expected = format!(
        "{{\n  \"default_instance\": \"büro\",\n  \"instances\": {{\n    \"büro\": {{\n      \"name\": \"büro\",\n      \"path\": {},\n      \"host\": \"0.0.0.0\",\n      \"port\": 8765\n    }}\n  }}\n}}",
        serde_json::to_string(&path).unwrap()
    );
    assert_eq!(fs::read_to_string(registry::registry_file(data.path())).unwrap(), expected);
    assert!(!path.exists(), "the registry makes no folder of an instance");
}

#[test]
fn the_first_instance_is_the_default_and_a_removed_default_passes_on_to_the_first_left() {
    let data = tempfile::tempdir().unwrap();
    for (name, port) in [("zwei", 2), ("eins", 1), ("drei", 3)] {
        create(data.path(), name, "127.0.0.1", port).unwrap();
    }
    let default = || registry::load(data.path()).unwrap().default_instance;
    assert_eq!(default(), "zwei");
    registry::set_default(data.path(), "drei").unwrap();
    registry::remove(data.path(), "drei").unwrap();
    assert_eq!(default(), "zwei");
    registry::remove(data.path(), "eins").unwrap();
    registry::remove(data.path(), "zwei").unwrap();
    assert_eq!(default(), "");
}

#[test]
fn an_instance_is_found_by_argument_then_environment_then_default() {
    let mut registry = Registry::default();
    let missing = "No gateway instances configured. Run 'hirogate instance create <name>' first.";
    assert_eq!(message(registry.resolve(Some("a"), None)), missing);
    let data = tempfile::tempdir().unwrap();
    for (name, port) in [("a", 1), ("b", 2), ("c", 3)] {
        create(data.path(), name, "127.0.0.1", port).unwrap();
    }
    registry.clone_from(&registry::load(data.path()).unwrap());
    let resolved = |named, environment| registry.resolve(named, environment).unwrap().name.as_str();
    assert_eq!(resolved(Some("b"), Some("c")), "b");
    assert_eq!(resolved(None, Some("c")), "c");
    assert_eq!(resolved(None, None), "a");
    assert_eq!(resolved(Some(""), Some("")), "a");
    let unknown = "Gateway instance 'x' not found. Available: a, b, c";
    assert_eq!(message(registry.resolve(Some("x"), None)), unknown);
}

#[test]
fn what_is_taken_or_unknown_is_refused_in_the_words_of_the_python_package() {
    let data = tempfile::tempdir().unwrap();
    create(data.path(), "home", "127.0.0.1", 8765).unwrap();
    let before = fs::read(registry::registry_file(data.path())).unwrap();
    let exists = "Gateway instance 'home' already exists.";
    assert_eq!(message(create(data.path(), "home", "127.0.0.1", 1)), exists);
    let conflict = "Port conflict: 0.0.0.0:8765 is already used by instance 'home'.";
    assert_eq!(message(create(data.path(), "other", "0.0.0.0", 8765)), conflict);
    let unknown = "Gateway instance 'x' not found.";
    assert_eq!(message(registry::remove(data.path(), "x")), unknown);
    assert_eq!(message(registry::set_default(data.path(), "x")), unknown);
    assert_eq!(fs::read(registry::registry_file(data.path())).unwrap(), before);
}

#[test]
fn a_number_that_is_no_port_is_refused() {
    let data = tempfile::tempdir().unwrap();
    for port in [0, -1, 65_536, 99_999] {
        let refused = create(data.path(), "a", "127.0.0.1", port);
        assert!(matches!(refused, Err(GatewayError::InvalidPort { port: named }) if named == port));
    }
    create(data.path(), "lowest", "127.0.0.1", 1).unwrap();
    create(data.path(), "highest", "127.0.0.1", 65_535).unwrap();
}

#[test]
fn two_instances_can_not_share_a_folder() {
    let data = tempfile::tempdir().unwrap();
    let shared =
        |name, port| NewInstance { path: Some(data.path().join("shared")), ..new(name, "::1", port) };
    registry::create(data.path(), shared("a", 1)).unwrap();
    let refused = registry::create(data.path(), shared("b", 2));
    assert!(matches!(refused, Err(GatewayError::FolderConflict { instance, .. }) if instance == "a"));
    let refused = create(data.path(), "A", "::1", 3);
    assert!(matches!(refused, Err(GatewayError::InstanceExists { name }) if name == "A"));
}

#[test]
fn instances_created_at_the_same_time_are_all_kept() {
    let data = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        for port in 1..=6 {
            let data = data.path();
            scope.spawn(move || create(data, &format!("instance-{port}"), "127.0.0.1", port).unwrap());
        }
    });
    assert_eq!(registry::load(data.path()).unwrap().instances.len(), 6);
}

#[test]
fn a_damaged_registry_is_an_error_and_stays_as_it_is() {
    let data = tempfile::tempdir().unwrap();
    let file = registry::registry_file(data.path());
    create(data.path(), "home", "127.0.0.1", 8765).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    let cut = &text[..text.len() / 2];
    fs::write(&file, cut).unwrap();
    assert!(message(registry::load(data.path())).contains("is damaged at line"));
    assert!(create(data.path(), "other", "127.0.0.1", 1).is_err());
    assert_eq!(fs::read_to_string(&file).unwrap(), cut);
}

#[test]
fn keys_and_ports_of_other_versions_survive_a_change() {
    let data = tempfile::tempdir().unwrap();
    let file = registry::registry_file(data.path());
    let text = r#"{"schema":2,"instances":{"old":{"name":"old","path":"/old","host":"0.0.0.0","port":99999,"colour":"red"}}}"#;
    fs::write(&file, text).unwrap();
    create(data.path(), "new", "0.0.0.0", 8765).unwrap();
    let registry = registry::load(data.path()).unwrap();
    assert_eq!(registry.other["schema"], 2);
    let old = registry.get("old").unwrap();
    assert_eq!(old.other["colour"], "red");
    assert!(matches!(old.listen_port(), Err(GatewayError::InvalidPort { port: 99_999 })));
    assert_eq!(registry.default_instance, "default");
}

/// No double has so many digits, and none is so large.
#[test]
fn numbers_of_other_versions_survive_a_change_to_the_last_digit() {
    let data = tempfile::tempdir().unwrap();
    let digits =
        ["340282366920938463463374607431768211456", "0.1000000000000000055511151231257827", "1e+400"];
    let text =
        format!(r#"{{"default_instance": "", "instances": {{}}, "figures": [{}]}}"#, digits.join(", "));
    fs::write(registry::registry_file(data.path()), text).unwrap();
    create(data.path(), "new", "127.0.0.1", 8765).unwrap();
    let rewritten = fs::read_to_string(registry::registry_file(data.path())).unwrap();
    for figure in digits {
        assert!(rewritten.contains(figure), "{figure} in {rewritten}");
    }
}
