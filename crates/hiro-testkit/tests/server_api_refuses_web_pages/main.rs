//! What a web page in the user's own browser can do to a running server, tried with a real one: nothing.
//!
//! Each attempt has its twin: the same page against a server that does not look who asks, and the same calls from a
//! program that has the token.

#![cfg(unix)]
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod browser;
mod site;

use hiro_testkit::{League, Stage};
use serde_json::Value;

use browser::{Browser, shown};
use site::Site;

const SERVER: &str = "server:default";
const ECHO: &str = "channel:default/echo";

/// Everything that a page can try, as it is served to the browser.
const PAGE: &str = include_str!("page.html");

/// The page with what it needs to know: whom it attacks, under which name, and a token that it should not have.
fn page(target: &str, plugins: &str, token: &str) -> String {
    PAGE.replace("TARGET", target).replace("PLUGINS", plugins).replace("TOKEN", token)
}

/// Opens the page as `origin` serves it, and returns what came of each attempt.
fn attempts(site: &Site, stage: &Stage, origin: &str) -> Value {
    let _browser = Browser::open(stage, &format!("http://{origin}:{}/page", site.port));
    site.report()
}

#[test]
fn a_page_of_another_origin_changes_nothing_and_reads_nothing_even_with_the_token() {
    let (league, stage) = (League::that_is_up(), Stage::new());
    let (server, echo) = (league.process(SERVER), league.process(ECHO));
    let (http, plugins) = (league.port("http_port"), league.port("plugin_port"));
    // The name of the page is another site's, or this machine's own: another port is another origin.
    for (origin, target) in
        [("evil.example", "127.0.0.1"), ("evil.example", "evil.example"), ("localhost", "localhost")]
    {
        let target_address = format!("{target}:{http}");
        let text = page(&target_address, &format!("{target}:{plugins}"), &league.api_token());
        let results = attempts(&Site::serve(text), &stage, origin);
        for (what, came_of_it) in results.as_object().unwrap() {
            // A browser lets a page send what it can't read the answer of; what became of it is seen at the server.
            let expected = if what.starts_with("send") { "sent" } else { "refused" };
            assert_eq!(came_of_it, expected, "{what} from {origin} to {target}: {results}");
        }
        assert!(results.as_object().unwrap().len() >= 12, "{results}");
    }
    assert_eq!((league.process(SERVER), league.process(ECHO)), (server, echo));
    assert_eq!(league.state(SERVER), "ready");
    assert!(league.get("/messages").ends_with(r#"{"messages":[]}"#));
}

#[test]
fn a_name_that_was_bound_to_this_machine_shows_nothing_and_an_address_that_was_typed_does() {
    let (league, stage) = (League::that_is_up(), Stage::new());
    let port = league.port("http_port");
    let bound = shown(&stage, &format!("http://evil.example:{port}/status"));
    assert!(bound.contains("does not name this machine") && !bound.contains("\"pid\""), "{bound}");
    let typed = shown(&stage, &format!("http://127.0.0.1:{port}/status"));
    assert!(typed.contains("\"running\":true"), "{typed}");
    let closed = shown(&stage, &format!("http://127.0.0.1:{port}/messages"));
    assert!(closed.contains("api_token") && !closed.contains("\"messages\""), "{closed}");
}

#[test]
fn the_twin_the_same_page_reaches_a_server_that_does_not_look_who_asks() {
    let (stage, naive) = (Stage::new(), Site::serve(String::new()));
    let text = page(&format!("127.0.0.1:{}", naive.port), &format!("127.0.0.1:{}", naive.port), "0");
    attempts(&Site::serve(text), &stage, "evil.example");
    let heard = naive.heard();
    for call in
        ["POST /_shutdown", "POST /_restart", "POST /invoke", "POST /messages", "POST /metrics/configure"]
    {
        assert!(heard.iter().any(|line| line.starts_with(call)), "{call}: {heard:?}");
    }
    assert!(heard.iter().any(|line| line.starts_with("GET /events")), "{heard:?}");
}

#[test]
fn the_twin_the_same_calls_work_from_a_program_that_has_the_token() {
    let league = League::that_is_up();
    assert!(league.get("/messages").starts_with("HTTP/1.1 200"));
    assert!(league.get(&format!("/processes/{SERVER}/logs")).starts_with("HTTP/1.1 200"));
    let sent = league.post("/messages", r#"{"channel": "echo", "text": "hello"}"#);
    assert!(sent.starts_with("HTTP/1.1 200"), "{sent}");
    assert!(league.post("/_shutdown", "").contains("shutting_down"));
    league.until_state(SERVER, "stopped");
}
