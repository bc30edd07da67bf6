//! `hiro device`: a code lets one device in, and a revocation shuts it out.

use hiro_testkit::League;
use serde_json::{Value, json};

use crate::device::Device;

pub(crate) fn gateway_url(league: &League) -> String {
    league.config()["gateway_url"].as_str().unwrap().to_owned()
}

/// The result of a `hiro device` command.
fn device_command(league: &League, words: &[&str]) -> Value {
    let words = [&["device"], words, &["--json"]].concat();
    serde_json::from_str(league.hiro(&words).success()).unwrap()
}

/// Pairs a device with a code that was made for it.
pub(crate) fn pair(league: &League) -> Device {
    let added = device_command(league, &["add"]);
    Device::pair(&gateway_url(league), added["code"].as_str().unwrap()).unwrap()
}

#[test]
fn device_add_lets_one_device_in_which_is_listed_and_answered() {
    let league = League::that_is_up();
    let added = device_command(&league, &["add", "--code-length", "8"]);
    let code = added["code"].as_str().unwrap();
    assert_eq!((code.len(), &added["gateway_url"]), (8, &league.config()["gateway_url"]));
    let url = gateway_url(&league);
    assert_eq!(Device::pair(&url, "00000").err().unwrap(), "pairing_code_invalid_or_expired");
    let device = Device::pair(&url, code).unwrap();
    assert_eq!(Device::pair(&url, code).err().unwrap(), "no_active_pairing_session", "a code works once");
    let listed = device_command(&league, &["list"]);
    assert_eq!((listed["devices"].as_array().unwrap().len(), &listed["schema"]), (1, &json!(1)));
    let row = &listed["devices"][0];
    assert_eq!((&row["device_id"], &row["device_name"]), (&json!(device.id), &json!("phone")));
    assert!(row["expires_at"].as_str().unwrap() > row["paired_at"].as_str().unwrap());
    assert!(league.hiro(&["device", "list"]).success().contains(&device.id));
    let mut session = device.log_in(&url);
    let id = session.say("hello");
    session.hear_receipt(&id);
    assert_eq!(session.hear_text(), "[echo] hello");
}

#[test]
fn device_revoke_shuts_a_device_out_that_the_gateway_still_lets_in() {
    let league = League::that_is_up();
    let url = gateway_url(&league);
    let (revoked, other) = (pair(&league), pair(&league));
    let (mut its_session, mut other_session) = (revoked.log_in(&url), other.log_in(&url));
    let id = its_session.say("while paired");
    its_session.hear_receipt(&id);
    assert_eq!(its_session.hear_text(), "[echo] while paired");
    assert_eq!(device_command(&league, &["revoke", &revoked.id])["removed"], true);
    assert_eq!(device_command(&league, &["revoke", &revoked.id])["removed"], false);
    its_session.say("after that");
    drop(its_session);
    let mut its_session = revoked.log_in(&url);
    its_session.say("and in a new session");
    // Frames go through in order: by the time that the other one has its receipt both were refused.
    let id = other_session.say("from the other one");
    other_session.hear_receipt(&id);
    let message = json!({"channel": "devices", "recipient": revoked.id, "text": "for you"});
    let answer = league.post("/messages", &message.to_string());
    assert!(answer.starts_with("HTTP/1.1 409"), "{answer}");
    let to_all = league.post("/messages", &json!({"channel": "devices", "text": "for all"}).to_string());
    assert!(to_all.starts_with("HTTP/1.1 200"), "{to_all}");
    assert_eq!(its_session.hear_text(), "for all", "it has heard nothing before");
    let said = league.get("/messages");
    assert!(said.contains("while paired") && said.contains("from the other one"), "{said}");
    assert!(!said.contains("after that") && !said.contains("new session"), "{said}");
}
