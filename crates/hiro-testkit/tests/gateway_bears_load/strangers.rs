//! Ten thousand connections that never log in, all open at the same time, from forty addresses.
//!
//! `HIRO_STRESS_CONNECTIONS` sets another number; a system that gives a process fewer descriptors has fewer of them.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use hiro_testkit::{PATIENCE, until};
use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;

use crate::scene::{MEBIBYTE, Scene, exchange};

/// As many as the default limits let in from anywhere, and fewer of each than they let in from one address.
const HELD_BY_DEFAULT: u64 = 1024;
const ADDRESSES: u8 = 40;
const THREADS: usize = 4;
/// The gateway gives everybody 30 s to log in.
const SURELY_HELD: Duration = Duration::from_secs(25);

/// One crowd at a time: it takes most of the descriptors that this process may have.
static CROWD: Mutex<()> = Mutex::new(());

/// How many there are to be, with the right of this process to have them.
fn count() -> usize {
    let wanted = std::env::var("HIRO_STRESS_CONNECTIONS").ok().and_then(|text| text.parse().ok());
    let limit = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: limit, maximum: limit }).expect("a right that is its own");
    let possible = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    wanted.unwrap_or(10_000).min(possible.saturating_sub(500))
}

/// A connection that asks for a WebSocket and then says nothing more.
fn stranger(number: usize, gateway: SocketAddrV4) -> TcpStream {
    let mut stream = connected(number, gateway);
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket with patience");
    let request = b"GET / HTTP/1.1\r\nHost: gateway\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    // One that has had to make room for another is closed meanwhile.
    let _ = stream.write_all(request);
    stream
}

/// From one of many addresses, where all of 127.0.0.0/8 is this machine.
fn connected(number: usize, gateway: SocketAddrV4) -> TcpStream {
    let socket: OwnedFd = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a descriptor");
    let host = u8::try_from(number % usize::from(ADDRESSES)).expect("a small number");
    let _one_address_has_to_do = bind(&socket, &SocketAddrV4::new(Ipv4Addr::new(127, 0, 1, host), 0));
    connect(&socket, &gateway).expect("the gateway listens");
    socket.into()
}

/// All of them, with the time when each came, and what `meanwhile` gives on the test's own thread until they are there.
fn flood(scene: &Scene, count: usize, mut meanwhile: impl FnMut()) -> Vec<(Instant, TcpStream)> {
    let one = |number| (Instant::now(), stranger(number, scene.address));
    thread::scope(|scope| {
        let come = |first: usize| (first..count).step_by(THREADS).map(one).collect::<Vec<_>>();
        let threads: Vec<_> = (0..THREADS).map(|first| scope.spawn(move || come(first))).collect();
        while threads.iter().any(|thread| !thread.is_finished()) {
            meanwhile();
        }
        threads.into_iter().flat_map(|thread| thread.join().expect("a connection")).collect()
    })
}

/// What it hears ends in its challenge, if it is let in.
fn is_challenged(stream: &mut TcpStream) -> bool {
    let (mut heard, mut piece) = (Vec::new(), [0; 512]);
    while let Ok(count @ 1..) = stream.read(&mut piece) {
        heard.extend_from_slice(&piece[..count]);
        if heard.windows(16).any(|window| window == b"\"auth_challenge\"") {
            return true;
        }
    }
    false
}

#[test]
fn ten_thousand_strangers_at_once_are_held_where_the_limits_let_them_and_a_pair_notices_nothing() {
    let (_alone, count) = (CROWD.lock().unwrap_or_else(PoisonError::into_inner), count());
    let scene =
        Scene::start(&json!({"unauthenticated": count + 100, "unauthenticated_per_address": count + 100}));
    let (mut pair, mut exchanged) = ((scene.desktop("desktop"), scene.device("phone")), 0);
    let before = scene.memory();
    let mut strangers = flood(&scene, count, || {
        exchange(&mut pair, exchanged);
        exchanged += 1;
    });
    assert!(strangers.iter_mut().all(|(_, stranger)| is_challenged(stranger)));
    let open = scene.metric("connections_open");
    let held = strangers.iter().filter(|(came, _)| came.elapsed() < SURELY_HELD).count() as u64;
    assert!(open >= held + 2, "{open} of {held}");
    assert_eq!(scene.metric("connections_pushed_out_total"), 0);
    let each = scene.memory().saturating_sub(before) / count as u64;
    assert!(each < 16 << 10, "{each} bytes each");
    exchange(&mut pair, exchanged);
    drop(strangers);
    until("them to be gone", PATIENCE, || (scene.metric("connections_open") == 2).then_some(()));
    exchange(&mut pair, exchanged);
    assert_eq!(scene.metric("frames_dropped_total"), 0);
}

#[test]
fn of_ten_thousand_strangers_at_once_the_default_limits_hold_a_thousand_and_count_the_rest() {
    let (_alone, count) = (CROWD.lock().unwrap_or_else(PoisonError::into_inner), count());
    let scene = Scene::start(&json!({}));
    let (mut pair, mut exchanged) = ((scene.desktop("desktop"), scene.device("phone")), 0);
    let before = scene.memory();
    let strangers = flood(&scene, count, || {
        // A newcomer stands in the queue behind strangers; those who are there do not.
        scene.device("newcomer").leave();
        for _ in 0..50 {
            exchange(&mut pair, exchanged);
            exchanged += 1;
        }
    });
    let expected = count as u64;
    until("all of them to be let in or out", PATIENCE, || {
        let numbers = ["connections_open", "connections_pushed_out_total", "logins_refused_total"];
        let [open, pushed_out, timed_out] = numbers.map(|name| scene.metric(name));
        (open <= HELD_BY_DEFAULT + 2 && open + pushed_out + timed_out >= expected + 2).then_some(())
    });
    let grown = scene.memory().saturating_sub(before);
    assert!(grown < 64 * MEBIBYTE, "{} MiB", grown / MEBIBYTE);
    exchange(&mut pair, exchanged);
    assert!(exchanged > 0 && scene.is_ready());
    assert_eq!((scene.metric("frames_dropped_total"), scene.metric("ping_timeouts_total")), (0, 0));
    drop(strangers);
}
