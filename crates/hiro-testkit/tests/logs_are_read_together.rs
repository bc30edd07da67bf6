//! `hiro logs` on a real league: what services say is found, and rows that come are told once, in order, whatever becomes
//! of the files, until nobody reads them any more.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Stdio};

use hiro_testkit::{League, PuppetHandle, Stage};
use serde_json::Value;

/// `hiro logs tail --follow`, and what it has told so far.
struct Following {
    process: Child,
    rows: Lines<BufReader<ChildStdout>>,
    told: Vec<String>,
}

impl Following {
    /// Begins at what is there; whatever comes from now on is told. The last row of all is a log's that says so.
    fn of(league: &League) -> Self {
        let logs = league.workspace().join("logs");
        fs::create_dir_all(&logs).unwrap();
        fs::write(logs.join("channel-past.log"), "9e9,INFO,PAST,from here,\n").unwrap();
        let mut command = league.home.command("hiro", &["logs", "tail", "--follow", "--json", "-n", "1"]);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let rows = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut following = Self { process, rows, told: Vec::new() };
        following.until("from here");
        following
    }

    /// Reads on until a row says `message`.
    fn until(&mut self, message: &str) {
        loop {
            let row = self.rows.next().expect("it is followed").unwrap();
            let row: Value = serde_json::from_str(&row).unwrap();
            self.told.push(format!(
                "{}: {}",
                row["source"].as_str().unwrap(),
                row["message"].as_str().unwrap()
            ));
            if row["message"] == message {
                break;
            }
        }
    }

    /// Whatever has been told of these sources with these words.
    fn told(&self, of: &[&str]) -> Vec<&str> {
        self.told.iter().map(String::as_str).filter(|told| of.contains(told)).collect()
    }
}

impl Drop for Following {
    /// Where the test has ended it already that is as good.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A service that runs in the default workspace.
fn with_web(league: &League) -> (Stage, PuppetHandle) {
    let stage = Stage::new();
    league.add_puppet(&stage, "web", &[], &[]);
    league.service(&["start", "web"]).success();
    let web = stage.puppet("web");
    (stage, web)
}

#[test]
fn what_services_say_is_searched_with_everything_else_and_alone() {
    let league = League::new();
    let (_stage, mut web) = with_web(&league);
    web.tell("stdout the needle, on stdout");
    web.tell("stderr the needle, on stderr");
    let found = |words: &[&str]| -> Vec<(String, String)> {
        let found = league.hiro(&[&["logs", "search", "NEEDLE", "--json"], words].concat());
        let found: Value = serde_json::from_str(found.success()).unwrap();
        let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
        let rows = found["rows"].as_array().unwrap().iter();
        rows.map(|row| (text(row, "source"), text(row, "module"))).collect()
    };
    let [stdout, stderr] = ["STDOUT", "STDERR"].map(|module| ("service-web".to_owned(), module.to_owned()));
    for words in [&[][..], &["--source", "services"], &["--source", "all"]] {
        let found = found(words);
        assert!(found.len() == 2 && found.contains(&stdout) && found.contains(&stderr), "{found:?}");
    }
    assert_eq!(found(&["--level", "ERROR"]), [stderr]);
    assert_eq!(found(&["--source", "channels"]), []);
    let unknown = league.hiro(&["logs", "tail", "--source", "service"]);
    assert!(unknown.failure(2).contains("`services`"), "{unknown:?}");
    league.hiro(&["logs", "tail", "--source", "services"]).success();
}

#[test]
fn rows_of_a_server_and_of_a_service_are_told_once_and_in_the_order_of_their_arrival() {
    let league = League::that_is_up();
    let (_stage, mut web) = with_web(&league);
    let mut following = Following::of(&league);
    web.tell("stdout one");
    following.until("one");
    league.hiro(&["channel", "stop", "echo"]).success();
    league.hiro(&["channel", "start", "echo"]).success();
    following.until("plugin registered");
    web.tell("stdout two");
    web.tell("stdout three");
    following.until("three");
    let of = ["service-web: one", "server: plugin registered", "service-web: two", "service-web: three"];
    assert_eq!(following.told(&of), of);
}

#[test]
fn logs_that_are_put_aside_while_they_are_followed_lose_nothing() {
    let league = League::new();
    let (stage, mut web) = with_web(&league);
    let mut following = Following::of(&league);
    for number in 1..=4 {
        web.tell(&format!("stdout run {number}"));
        web.tell(&format!("stderr run {number} failed"));
        league.service(&["restart", "web"]).success();
        web = stage.puppet("web");
    }
    web.tell("stdout last");
    following.until("last");
    web.tell("stderr last failed");
    following.until("last failed");
    let said =
        |what: &str| (1..=4).map(|number| format!("service-web: run {number}{what}")).collect::<Vec<_>>();
    for said in [said(""), said(" failed")] {
        let said: Vec<&str> = said.iter().map(String::as_str).collect();
        assert_eq!(following.told(&said), said);
    }
}

#[test]
fn logs_that_appear_or_are_cut_while_they_are_followed_are_told_from_their_beginning() {
    let league = League::new();
    let (stage, _web) = with_web(&league);
    let mut following = Following::of(&league);
    let log = league.workspace().join("logs/channel-new.log");
    fs::write(&log, "1.5,INFO,NEW,here it is,\n").unwrap();
    following.until("here it is");
    fs::write(&log, "2.5,INFO,NEW,cut,\n").unwrap();
    following.until("cut");
    league.add_puppet(&stage, "db", &[], &["stdout the first words of a new service"]);
    league.service(&["start", "db"]).success();
    following.until("the first words of a new service");
    let of = ["channel-new: here it is", "channel-new: cut", "service-db: the first words of a new service"];
    assert_eq!(following.told(&of), of);
}

#[test]
fn who_follows_logs_ends_without_a_word_when_nobody_reads_any_more() {
    let league = League::new();
    let (_stage, mut web) = with_web(&league);
    web.tell("stdout before");
    let mut logs = league.home.command("hiro", &["logs", "tail", "-f", "-n", "1", "--source", "services"]);
    let mut logs = logs.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(logs.stdout.take().unwrap()).lines();
    let line = lines.next().unwrap().unwrap();
    assert!(line.starts_with("service-web ") && line.ends_with(" before"), "{line}");
    drop(lines);
    web.tell("stdout after");
    let ended = logs.wait_with_output().unwrap();
    assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
}
