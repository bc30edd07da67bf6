//! The HTTP server for `/metrics` and `/health`: two pages, one request per connection, few connections, little time.
//!
//! It shares nothing with the relay but the counters, so whoever floods it slows down nobody else.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::{Observed, health, prometheus};

/// How much is taken of whom.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct HttpLimits {
    /// Connections at one time; further ones wait to be accepted.
    pub connections: usize,
    /// For a whole request and its answer.
    pub time: Duration,
    /// Bytes of a request's head.
    pub head_bytes: usize,
}

impl Default for HttpLimits {
    /// 16 connections, 5 s, 8 KiB.
    fn default() -> Self {
        Self { connections: 16, time: Duration::from_secs(5), head_bytes: 8 * 1024 }
    }
}

/// Serves on `listener` until `shutdown` is cancelled; requests that are under way are cut off then.
pub async fn serve(
    listener: TcpListener,
    gateway: Observed,
    limits: HttpLimits,
    shutdown: CancellationToken,
) {
    let gateway = Arc::new(gateway);
    let permits = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let next = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (listener.accept().await, permit)
        };
        tokio::select! {
            () = shutdown.cancelled() => break,
            Some(_) = connections.join_next() => {}
            (accepted, permit) = next => match accepted {
                Ok((stream, _)) => {
                    let gateway = Arc::clone(&gateway);
                    connections.spawn(async move {
                        let _until_answered = permit;
                        connection(stream, gateway, limits).await;
                    });
                }
                // Out of descriptors, usually: the next attempt would fail as fast.
                Err(_) => time::sleep(Duration::from_secs(1)).await,
            },
        }
    }
}

async fn connection(stream: TcpStream, gateway: Arc<Observed>, limits: HttpLimits) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.time).max_buf_size(limits.head_bytes);
    let service = service_fn(move |request| {
        let gateway = Arc::clone(&gateway);
        async move { Ok::<_, Infallible>(answer(&request, gateway).await) }
    });
    let served = http.keep_alive(false).serve_connection(TokioIo::new(stream), service);
    match time::timeout(limits.time, served).await {
        Ok(Ok(())) => {}
        Ok(Err(failure)) => debug!(%failure, "a request for metrics failed"),
        Err(_) => debug!("a request for metrics took too long"),
    }
}

async fn answer<B>(request: &Request<B>, gateway: Arc<Observed>) -> Response<String> {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
        refused.headers_mut().insert(ALLOW, hyper::header::HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    let path = request.uri().path().to_owned();
    // The state is in a file.
    let page = tokio::task::spawn_blocking(move || page(&path, &gateway)).await;
    page.unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR, "failed\n"))
}

fn page(path: &str, gateway: &Observed) -> Response<String> {
    match path {
        "/metrics" => {
            let text = prometheus::text(gateway, &gateway.now());
            response(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", text)
        }
        "/health" => {
            let now = gateway.now();
            let status = if now.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            response(status, "application/json", health::text(gateway, &now))
        }
        _ => plain(StatusCode::NOT_FOUND, "there are /metrics and /health\n"),
    }
}

fn plain(status: StatusCode, text: &str) -> Response<String> {
    response(status, "text/plain; charset=utf-8", text.to_owned())
}

fn response(status: StatusCode, kind: &'static str, text: String) -> Response<String> {
    Response::builder()
        .status(status)
        .header(CONTENT_TYPE, kind)
        .header(CACHE_CONTROL, "no-store")
        .body(text)
        .expect("the headers are valid")
}
