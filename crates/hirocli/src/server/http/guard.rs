//! Keeps web pages from changing anything.
//!
//! A browser sends what a page wants to any local port. It says which page that is (`Origin`), and, when the page's
//! own name was made to mean this machine, under which name it found it (`Host`). Programs that are no browsers send
//! no origin and name the machine as it is.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::detail;

/// Answers 403 to what a web page wants to change.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    match judge(request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(reason) => detail(StatusCode::FORBIDDEN, reason),
    }
}

fn judge(method: &Method, headers: &HeaderMap) -> Result<(), &'static str> {
    if method.is_safe() {
        return Ok(());
    }
    let host = header(headers, HOST).ok_or("the request names no host")?;
    if !is_loopback(host) {
        return Err("the request does not name this machine as its host");
    }
    let same_origin = |origin: &str| origin.strip_prefix("http://").is_some_and(|origin| origin == host);
    match headers.get(ORIGIN) {
        None => Ok(()),
        Some(origin) if origin.to_str().is_ok_and(same_origin) => Ok(()),
        Some(_) => Err("requests from web pages are refused"),
    }
}

fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn header(headers: &HeaderMap, name: axum::http::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(host: &str, origin: Option<&str>) -> Result<(), &'static str> {
        let mut headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        judge(&Method::POST, &headers)
    }

    #[test]
    fn programs_on_this_machine_may_change_things() {
        for host in ["127.0.0.1:18080", "localhost:18080", "LOCALHOST", "[::1]:18080", "127.1.2.3"] {
            assert_eq!(post(host, None), Ok(()), "{host}");
        }
    }

    #[test]
    fn a_name_that_was_made_to_mean_this_machine_is_refused() {
        for host in ["evil.example:18080", "localhost.evil.example", "192.168.0.7:18080", "", "a b"] {
            assert!(post(host, None).is_err(), "{host}");
        }
    }

    #[test]
    fn only_a_page_of_this_very_server_may_change_things() {
        let host = "127.0.0.1:18080";
        assert_eq!(post(host, Some("http://127.0.0.1:18080")), Ok(()));
        for origin in ["http://evil.example", "null", "https://127.0.0.1:18080", "http://127.0.0.1:3000", ""]
        {
            assert!(post(host, Some(origin)).is_err(), "{origin}");
        }
    }

    #[test]
    fn reading_is_free() {
        let headers = HeaderMap::from_iter([(ORIGIN, "http://evil.example".parse().unwrap())]);
        assert_eq!(judge(&Method::GET, &headers), Ok(()));
    }
}
