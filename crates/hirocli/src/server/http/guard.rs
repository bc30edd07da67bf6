//! Who may ask what: the rules of the HTTP API, as one pure decision in front of every request.
//!
//! 1. A browser sends what a page wants to any local port. It says under which name it found this machine (`Host`), and
//!    which page it acts for (`Origin`, `Sec-Fetch-Site`): another name and another site are refused, whatever they ask.
//! 2. What changes or reveals something needs the token of the workspace, which other users of this machine can't read.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, HeaderName, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::detail;
use crate::server::api_token::ApiToken;
use crate::server::context::Context;
use crate::workspace::WorkspaceConfig;

/// What everybody on this machine may read: nothing that a list of processes and ports would not tell.
const OPEN: [&str; 6] = ["/status", "/channels", "/tools", "/metrics", "/metrics/history", "/metrics/status"];

/// The one call that can be opened to programs without the token.
const SHUTDOWN: &str = "/_shutdown";

/// The switch in `config.json` that does: for programs that know only the Python server.
const OPENS_SHUTDOWN: &str = "allow_unauthenticated_shutdown";

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Why a request goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    /// It is not from a program of this machine that knows whom it talks to.
    Stranger(&'static str),
    /// It lacks the token.
    NoToken,
}

/// Answers what the rules refuse.
pub(super) async fn guard(State(context): State<Arc<Context>>, request: Request, next: Next) -> Response {
    match judge(
        &context.api_token,
        &context.config,
        request.method(),
        request.uri().path(),
        request.headers(),
    ) {
        Ok(()) => next.run(request).await,
        Err(Refusal::Stranger(reason)) => detail(StatusCode::FORBIDDEN, reason),
        Err(Refusal::NoToken) => {
            let reason =
                "this needs `Authorization: Bearer` with the token in the workspace's file `api_token`";
            ([("www-authenticate", "Bearer")], detail(StatusCode::UNAUTHORIZED, reason)).into_response()
        }
    }
}

fn judge(
    token: &ApiToken,
    config: &WorkspaceConfig,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Result<(), Refusal> {
    is_local(config, headers).map_err(Refusal::Stranger)?;
    let is_open = match (method.is_safe(), path) {
        (true, path) => OPEN.contains(&path),
        (false, SHUTDOWN) => config.other.get(OPENS_SHUTDOWN).is_some_and(|switch| *switch == true),
        (false, _) => false,
    };
    let presented = header(headers, AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    match is_open || presented.is_some_and(|presented| token.admits(presented.trim())) {
        true => Ok(()),
        false => Err(Refusal::NoToken),
    }
}

fn is_local(config: &WorkspaceConfig, headers: &HeaderMap) -> Result<(), &'static str> {
    let host = header(headers, HOST).ok_or("the request names no host")?;
    if !names_this_machine(host, &config.http_host) {
        return Err("the request does not name this machine as its host");
    }
    match headers.get(FETCH_SITE).map(|site| site.to_str().unwrap_or_default()) {
        None | Some("none" | "same-origin") => {}
        Some(_) => return Err("requests from web pages are refused"),
    }
    let same_origin = |origin: &str| origin.strip_prefix("http://").is_some_and(|origin| origin == host);
    match headers.get(ORIGIN) {
        None => Ok(()),
        Some(origin) if origin.to_str().is_ok_and(same_origin) => Ok(()),
        Some(_) => Err("requests from web pages are refused"),
    }
}

/// By an address or a name that nobody else can make mean this machine, or as the configuration calls it.
fn names_this_machine(host: &str, configured: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        || name.eq_ignore_ascii_case(configured)
}

fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;
    use crate::server::api_token::token_file;

    struct Scene {
        token: ApiToken,
        written: String,
        config: WorkspaceConfig,
    }

    impl Scene {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let token = ApiToken::issue(folder.path()).unwrap();
            let written = fs::read_to_string(token_file(folder.path())).unwrap();
            Self { token, written, config: WorkspaceConfig::default() }
        }

        fn ask(&self, method: Method, path: &str, headers: &[(HeaderName, &str)]) -> Result<(), Refusal> {
            let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
            judge(&self.token, &self.config, &method, path, &headers.collect())
        }

        /// A request with the token, so that only where it comes from decides.
        fn from(&self, host: &str, more: &[(HeaderName, &str)]) -> Result<(), Refusal> {
            let bearer = format!("Bearer {}", self.written);
            let own = [(HOST, host), (AUTHORIZATION, bearer.as_str())];
            self.ask(Method::POST, "/_restart", &[&own, more].concat())
        }
    }

    const HERE: (HeaderName, &str) = (HOST, "127.0.0.1:18080");

    #[test]
    fn a_program_that_has_the_token_and_names_this_machine_may_do_everything() {
        let scene = Scene::new();
        for host in ["127.0.0.1:18080", "localhost:18080", "LOCALHOST", "[::1]:18080", "127.1.2.3"] {
            assert_eq!(scene.from(host, &[]), Ok(()), "{host}");
        }
    }

    #[test]
    fn a_name_that_was_made_to_mean_this_machine_is_refused_even_for_reading() {
        let scene = Scene::new();
        for host in ["evil.example:18080", "localhost.evil.example", "192.168.0.7:18080", "", "a b"] {
            assert!(matches!(scene.from(host, &[]), Err(Refusal::Stranger(_))), "{host}");
            let read = scene.ask(Method::GET, "/status", &[(HOST, host)]);
            assert!(matches!(read, Err(Refusal::Stranger(_))), "{host}");
        }
        assert!(scene.ask(Method::GET, "/status", &[]).is_err(), "no host at all");
    }

    #[test]
    fn the_host_of_the_configuration_is_this_machine() {
        let mut scene = Scene::new();
        scene.config.http_host = "192.168.0.7".to_owned();
        assert_eq!(scene.from("192.168.0.7:18080", &[]), Ok(()));
        assert!(scene.from("192.168.0.8:18080", &[]).is_err());
    }

    #[test]
    fn only_a_page_of_this_very_server_gets_further_and_it_needs_the_token_too() {
        let scene = Scene::new();
        let own = [(ORIGIN, "http://127.0.0.1:18080"), (FETCH_SITE, "same-origin")];
        assert_eq!(scene.from(HERE.1, &own), Ok(()));
        assert_eq!(
            scene.ask(Method::POST, "/_restart", &[&[HERE], own.as_slice()].concat()),
            Err(Refusal::NoToken)
        );
        for origin in ["http://evil.example", "null", "https://127.0.0.1:18080", "http://127.0.0.1:3000", ""]
        {
            assert!(scene.from(HERE.1, &[(ORIGIN, origin)]).is_err(), "{origin}");
        }
        for site in ["cross-site", "same-site", ""] {
            let read = scene.ask(Method::GET, "/status", &[HERE, (FETCH_SITE, site)]);
            assert!(matches!(read, Err(Refusal::Stranger(_))), "{site}");
        }
    }

    #[test]
    fn without_the_token_only_what_is_listed_as_open_can_be_read_and_nothing_changed() {
        let scene = Scene::new();
        for path in OPEN {
            assert_eq!(scene.ask(Method::GET, path, &[HERE]), Ok(()), "{path}");
            assert_eq!(scene.ask(Method::POST, path, &[HERE]), Err(Refusal::NoToken), "{path}");
        }
        for path in ["/events", "/processes", "/messages", "/status/", "/nowhere", "/_shutdown"] {
            assert_eq!(scene.ask(Method::GET, path, &[HERE]), Err(Refusal::NoToken), "{path}");
            assert_eq!(scene.ask(Method::POST, path, &[HERE]), Err(Refusal::NoToken), "{path}");
        }
        for wrong in ["Bearer", "Bearer ", "Bearer 00", &scene.written, "Basic 00"] {
            let asked = scene.ask(Method::POST, "/invoke", &[HERE, (AUTHORIZATION, wrong)]);
            assert_eq!(asked, Err(Refusal::NoToken), "{wrong}");
        }
    }

    #[test]
    fn the_switch_opens_the_shutdown_and_nothing_else_and_to_no_page() {
        let mut scene = Scene::new();
        for (switch, expected) in [(json!(true), Ok(())), (json!("yes"), Err(Refusal::NoToken))] {
            scene.config.other.insert(OPENS_SHUTDOWN.to_owned(), switch);
            assert_eq!(scene.ask(Method::POST, SHUTDOWN, &[HERE]), expected);
            assert_eq!(scene.ask(Method::POST, "/_restart", &[HERE]), Err(Refusal::NoToken));
            let page = scene.ask(Method::POST, SHUTDOWN, &[HERE, (ORIGIN, "http://evil.example")]);
            assert!(matches!(page, Err(Refusal::Stranger(_))));
        }
    }
}
