//! Serves the API to few connections at a time, none of which may do nothing for long: whoever else is on this machine
//! can neither use up the descriptors of the server nor keep others out.
//!
//! Streams have no end of their own; those are bounded by their seats.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::patient::{Patience, Patient};

/// Where the system has no descriptor left, the next attempt would fail as fast.
const PAUSE: Duration = Duration::from_secs(1);

/// How much is taken of whom.
#[derive(Debug, Clone, Copy)]
pub(in crate::server) struct Limits {
    /// Connections at one time; further ones wait to be accepted.
    pub(in crate::server) connections: usize,
    /// For the head of a request, from the end of the answer before.
    pub(in crate::server) head: Duration,
    /// For a part of an answer to be read.
    pub(in crate::server) stall: Duration,
    /// For all of an answer to be read, or of what a stream has to say at one time.
    pub(in crate::server) answer: Duration,
    /// Bytes of a request's head.
    pub(in crate::server) head_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            head: Duration::from_secs(10),
            stall: Duration::from_secs(30),
            answer: Duration::from_secs(120),
            head_bytes: 64 * 1024,
        }
    }
}

/// Serves until `stop` is cancelled, and then until what is under way has been answered.
pub(in crate::server) async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: &CancellationToken,
) {
    let permits = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        // Before the connection is accepted: in the kernel's queue it costs no descriptor.
        let next = async { (permits.clone().acquire_owned().await, listener.accept().await) };
        tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => {}
            (permit, accepted) = next => match accepted {
                Ok((stream, _)) => {
                    let (router, stop) = (router.clone(), stop.clone());
                    connections.spawn(async move {
                        let _until_it_ends = permit;
                        connection(stream, router, limits, stop).await;
                    });
                }
                Err(error) if is_of_the_client(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "can't accept connections");
                    time::sleep(PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(stream: TcpStream, router: Router, limits: Limits, stop: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(limits.head_bytes);
    let patience = Patience { stall: limits.stall, whole: limits.answer };
    let stream = TokioIo::new(Patient::new(stream, patience));
    let mut served = std::pin::pin!(http.serve_connection(stream, TowerToHyperService::new(router)));
    let ended = tokio::select! {
        ended = &mut served => ended,
        () = stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection of the HTTP API has ended");
    }
}

/// It has left before it was accepted.
fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    [ConnectionAborted, ConnectionRefused, ConnectionReset].contains(&error.kind())
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::body::Body;
    use axum::routing::get;
    use futures_util::{StreamExt, future, stream};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::task::{JoinHandle, yield_now};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

    fn limits(connections: usize) -> Limits {
        let short = Duration::from_millis(100);
        Limits { connections, head: short, stall: short, answer: short, ..Limits::default() }
    }

    struct Served {
        address: SocketAddr,
        stop: CancellationToken,
        task: JoinHandle<()>,
    }

    impl Served {
        async fn with(router: Router, limits: Limits) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
            let until = stop.clone();
            let task = tokio::spawn(async move { serve(listener, router, limits, &until).await });
            Self { address, stop, task }
        }

        async fn say(&self, bytes: &[u8]) -> TcpStream {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(bytes).await.unwrap();
            stream
        }

        async fn ask(&self) -> String {
            read(self.say(REQUEST).await).await
        }

        async fn end(self) {
            self.stop.cancel();
            time::timeout(PATIENCE, self.task).await.unwrap().unwrap();
        }
    }

    async fn read(mut stream: TcpStream) -> String {
        let mut answer = String::new();
        time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
        answer
    }

    #[tokio::test]
    async fn half_open_connections_beyond_the_cap_keep_nobody_out_for_long() {
        let served = Served::with(Router::new().route("/", get(async || "here")), limits(4)).await;
        let mut half_open = Vec::new();
        for bytes in [&b""[..], b"GET / HT", b"GET / HTTP/1.1\r\nhost:"].iter().cycle().take(16) {
            half_open.push(served.say(bytes).await);
        }
        assert!(served.ask().await.ends_with("here"));
        drop(half_open);
        served.end().await;
    }

    #[tokio::test]
    async fn no_more_connections_are_served_at_a_time_than_the_cap_says() {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counted, seen) = (now.clone(), most.clone());
        let handler = get(async move || {
            seen.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            for _ in 0..100 {
                yield_now().await;
            }
            counted.fetch_sub(1, Ordering::SeqCst);
            "done"
        });
        let served = Served::with(Router::new().route("/", handler), limits(3)).await;
        let answers = future::join_all((0..30).map(|_| served.ask())).await;
        assert!(answers.iter().all(|answer| answer.ends_with("done")), "{answers:?}");
        assert!((1..=3).contains(&most.load(Ordering::SeqCst)), "{most:?}");
        served.end().await;
    }

    #[tokio::test]
    async fn who_does_not_read_its_answer_makes_room_and_a_stream_that_is_read_lives_on() {
        let lines = || {
            let line = |number: usize| Ok::<_, io::Error>(format!("{number} {}\n", "x".repeat(1 << 16)));
            Body::from_stream(stream::iter(0..).map(line))
        };
        let ticks = || {
            let clock = time::interval(Duration::from_millis(60));
            let tick = |mut clock: time::Interval| async {
                clock.tick().await;
                Some((Ok::<_, io::Error>("tick\n"), clock))
            };
            Body::from_stream(stream::unfold(clock, tick).take(5))
        };
        let routes =
            Router::new().route("/flood", get(async move || lines())).route("/", get(async move || ticks()));
        let served = Served::with(routes, limits(1)).await;
        let unread = served.say(b"GET /flood HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert_eq!(served.ask().await.matches("tick").count(), 5);
        drop(unread);
        served.end().await;
    }

    #[tokio::test]
    async fn who_reads_its_answer_drop_by_drop_makes_room() {
        const LENGTH: usize = 1 << 26;
        let large = get(async || vec![b'x'; LENGTH]);
        let routes = Router::new().route("/large", large).route("/", get(async || "here"));
        let served = Served::with(routes, Limits { stall: PATIENCE * 2, ..limits(1) }).await;
        let mut dripping = served.say(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await;
        let drops = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&drops);
        let dripping = tokio::spawn(async move {
            while dripping.read_u8().await.is_ok() {
                drops.fetch_add(1, Ordering::Relaxed);
            }
        });
        assert!(served.ask().await.ends_with("here"));
        // What the system still holds for it would take it long.
        dripping.abort();
        let read = counted.load(Ordering::Relaxed);
        assert!((1..LENGTH).contains(&read), "{read}");
        served.end().await;
    }

    #[tokio::test]
    async fn the_end_waits_for_what_is_under_way_and_not_for_who_says_nothing() {
        let asked = CancellationToken::new();
        let (told, release) = (asked.clone(), CancellationToken::new());
        let go_on = release.clone();
        let handler = get(async move || {
            told.cancel();
            go_on.cancelled().await;
            "at last"
        });
        let served =
            Served::with(Router::new().route("/", handler), Limits { head: PATIENCE * 2, ..limits(4) }).await;
        let idle = served.say(b"").await;
        let answer = tokio::spawn(read(served.say(REQUEST).await));
        time::timeout(PATIENCE, asked.cancelled()).await.unwrap();
        served.stop.cancel();
        release.cancel();
        assert!(answer.await.unwrap().ends_with("at last"));
        served.end().await;
        drop(idle);
    }
}
