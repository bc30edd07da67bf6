//! A file that can't be understood is named, hides nothing else, and is never overwritten; a folder that its owner
//! chose keeps what its owner put there.

use std::fs;
use std::path::Path;

use hiro_testkit::{DESKTOP_KEY, Home, free_port};

#[test]
fn a_corrupt_registry_is_named_with_its_line_and_stays_as_it_is() {
    let home = Home::new();
    home.create_gateway("a");
    home.create_gateway("b");
    let registry = home.data("hirogate").join("registry.json");
    let text = fs::read_to_string(&registry).unwrap();
    let cut = &text[..text.len() - 20];
    fs::write(&registry, cut).unwrap();
    let line = cut.lines().count();
    let named = format!("error: `{}` is damaged at line {line}, column ", registry.display());
    let create = ["instance", "create", "c", "--desktop-pubkey", DESKTOP_KEY, "--port", "1234"];
    for words in [&create[..], &["start"], &["stop"], &["restart"], &["status"], &["instance", "list"], &[]] {
        let output = home.run("hirogate", words);
        assert!(output.failure(1).starts_with(&named), "{words:?}: {output:?}");
        assert_eq!(fs::read_to_string(&registry).unwrap(), cut, "{words:?}");
    }
}

#[test]
fn an_instance_without_its_configuration_hides_none_of_the_others() {
    let home = Home::new();
    for name in ["a", "b", "c"] {
        home.create_gateway(name);
    }
    home.run("hirogate", &["start", "c"]).success();
    let config = home.data("hirogate").join("instances").join("b").join("config.json");
    fs::remove_file(&config).unwrap();
    let error = format!("gateway:b: the configuration `{}` is missing", config.display());
    let status = home.run("hirogate", &["status"]);
    assert!(status.success().contains(&error), "{status:?}");
    let states = ["a", "b", "c"].map(|name| home.gateway(name)["state"].clone());
    assert_eq!(states, ["stopped", "stopped", "ready"]);
    let listed = home.run("hirogate", &["instance", "list"]);
    assert_eq!(listed.success().lines().filter(|line| line.contains("127.0.0.1:")).count(), 3, "{listed:?}");
    home.run("hirogate", &["start", "a"]).success();
}

#[test]
fn purging_a_folder_that_its_owner_chose_deletes_only_what_the_gateway_wrote() {
    let home = Home::new();
    let chosen = home.folder().join("documents");
    fs::create_dir(&chosen).unwrap();
    fs::write(chosen.join("thesis.txt"), "years of work").unwrap();
    create_at(&home, &chosen);
    home.run("hirogate", &["start"]).success();
    let removed = home.run("hirogate", &["instance", "remove", "home", "--purge", "--yes"]);
    assert!(removed.success().contains("Its folder stays: "), "{removed:?}");
    let left: Vec<_> = fs::read_dir(&chosen).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["thesis.txt"]);
}

#[test]
fn removing_without_purge_keeps_the_files_and_a_new_instance_there_keeps_their_settings() {
    let home = Home::new();
    let chosen = home.folder().join("documents");
    create_at(&home, &chosen);
    let config = chosen.join("config.json");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("{\n", "{\n  \"device_notices\": false,\n")).unwrap();
    home.run("hirogate", &["instance", "remove", "home", "--yes"]).success();
    assert!(config.exists());
    create_at(&home, &chosen);
    assert!(fs::read_to_string(&config).unwrap().contains("\"device_notices\": false"));
}

fn create_at(home: &Home, folder: &Path) {
    let (port, folder) = (free_port().to_string(), folder.to_str().expect("a path that is text"));
    let words =
        ["instance", "create", "home", "--desktop-pubkey", DESKTOP_KEY, "--port", &port, "--path", folder];
    home.run("hirogate", &words).success();
}
