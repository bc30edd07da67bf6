//! A child that can't announce itself says why on stderr, and its start passes that on.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;

use hiro_process::{Exit, Instance, Launch, StartFailureCause, get_status};
use hiro_testkit::{Stage, failure, start};

/// The child ends by itself, its words reach whoever starts it, and nothing that it began is left.
fn the_record_is_said_not_to_be_written(instance: &Instance, launch: &Launch) {
    let seen = failure(start(instance, launch));
    assert_eq!(seen.cause, StartFailureCause::Ended(Some(Exit::Code(1))));
    let text = seen.to_string();
    assert!(text.contains("could not write") && text.contains("gateway.pid.json"), "{text}");
    assert!(!instance.pid_file().exists());
    assert_eq!(get_status(instance).name(), "crashed");
    let names = fs::read_dir(instance.folder()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().ends_with(".tmp")), "taken back");
}

#[cfg(unix)]
#[test]
fn a_full_disk_while_announcing_is_reported_in_the_childs_words() {
    use hiro_testkit::announce;

    let stage = Stage::new();
    let instance = stage.instance("home");
    // Room for the line on stderr, none for a record: the write fails as it does on a full disk.
    let launch = stage.launch(&instance, &["limit-file-size 300", &announce(&instance), "ready"]);
    the_record_is_said_not_to_be_written(&instance, &launch);
}

#[cfg(unix)]
#[test]
fn a_folder_that_can_not_be_written_while_announcing_is_reported_in_the_childs_words() {
    use std::os::unix::fs::PermissionsExt;

    use hiro_testkit::announce;

    let stage = Stage::new();
    let instance = stage.instance("home");
    for folder in [stage.folder(), instance.folder()] {
        fs::create_dir_all(folder).unwrap();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let script = format!("as-nobody name nobody|{}|ready", announce(&instance));
    let launch = stage.launch(&instance, &[&format!("read-only {}", instance.folder().display()), &script]);
    let text = match start(&instance, &launch).unwrap_err() {
        hiro_process::Error::NotStarted(seen) => seen.to_string(),
        other => panic!("{other}"),
    };
    assert!(text.to_lowercase().contains("permission denied"), "{text}");
    assert!(!instance.pid_file().exists());
    fs::set_permissions(instance.folder(), fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn a_record_that_can_not_be_replaced_is_reported_in_the_childs_words() {
    let stage = Stage::new();
    let instance = stage.instance("home");
    fs::create_dir_all(instance.record_file()).unwrap();
    the_record_is_said_not_to_be_written(&instance, &stage.ready_launch(&instance));
}
