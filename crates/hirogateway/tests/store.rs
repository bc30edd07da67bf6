//! JSON files that several programs write.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::thread;

use hirogateway::store::{self, MAX_FILE_BYTES, StoreError};
use indexmap::IndexMap;
use serde_json::{Value, json};

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("below").join("file.json");
    (folder, path)
}

fn insert(path: &std::path::Path, key: &str, value: Value) -> Result<(), StoreError> {
    store::update(path, |object: &mut IndexMap<String, Value>| {
        object.insert(key.to_owned(), value);
        Ok(())
    })
}

#[test]
fn a_missing_file_holds_nothing() {
    let (_folder, path) = folder();
    assert!(store::read::<Value>(&path).unwrap().is_none());
    assert!(!path.parent().unwrap().exists());
}

#[test]
fn a_file_has_the_form_that_the_python_packages_write() {
    let (_folder, path) = folder();
    insert(&path, "zwei", json!({"é": [], "a": {}})).unwrap();
    insert(&path, "eins", json!(1)).unwrap();
    let expected = "{\n  \"zwei\": {\n    \"é\": [],\n    \"a\": {}\n  },\n  \"eins\": 1\n}";
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
}

#[test]
fn a_damaged_file_is_named_with_line_and_column_and_left_as_it_is() {
    let (_folder, path) = folder();
    fs::create_dir(path.parent().unwrap()).unwrap();
    let damaged = "{\n  \"a\": 1,\n  \"b\": {";
    for text in [damaged, "", "[]", "\u{feff}{}"] {
        fs::write(&path, text).unwrap();
        assert!(insert(&path, "c", json!(1)).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    fs::write(&path, damaged).unwrap();
    let message = store::read::<Value>(&path).unwrap_err().to_string();
    assert_eq!(message, format!("`{}` is damaged at line 3, column 8", path.display()));
}

#[test]
fn a_file_that_is_too_long_is_not_read() {
    let (_folder, path) = folder();
    fs::create_dir(path.parent().unwrap()).unwrap();
    let longest = "{}".to_owned() + &" ".repeat(usize::try_from(MAX_FILE_BYTES).unwrap() - 2);
    fs::write(&path, &longest).unwrap();
    assert!(store::read::<Value>(&path).is_ok());
    fs::write(&path, longest + " ").unwrap();
    assert!(matches!(store::read::<Value>(&path), Err(StoreError::TooLong { .. })));
}

#[test]
fn a_change_that_fails_leaves_the_file_as_it_is() {
    let (_folder, path) = folder();
    insert(&path, "a", json!(1)).unwrap();
    let before = fs::read(&path).unwrap();
    let result: Result<(), StoreError> = store::update(&path, |object: &mut BTreeMap<String, Value>| {
        object.clear();
        Err(StoreError::TooLong { path: path.clone() })
    });
    assert!(result.is_err());
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn changes_made_at_the_same_time_all_survive() {
    let (_folder, path) = folder();
    thread::scope(|scope| {
        for writer in 0..6 {
            let path = &path;
            scope.spawn(move || {
                for change in 0..20 {
                    insert(path, &format!("{writer}-{change}"), json!(change)).unwrap();
                }
            });
        }
    });
    assert_eq!(store::read::<BTreeMap<String, Value>>(&path).unwrap().unwrap().len(), 120);
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_file_its_lock_or_its_folder() {
    use std::os::unix::fs::PermissionsExt;

    let (_folder, path) = folder();
    insert(&path, "a", json!(1)).unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.clone()), 0o600);
    assert_eq!(mode(path.with_extension("json.lock")), 0o600);
    assert_eq!(mode(path.parent().unwrap().to_owned()), 0o700);
}
