//! What strangers send costs the gateway no more memory than its limits allow, however many of them there are.
//!
//! POSIX only: under Wine a process's memory is Wine's, too.

#![cfg(unix)]

use std::io::{Read, Write};
use std::net::TcpStream;

use hiro_testkit::{Home, resident_bytes};

/// Far more connections than one address may have before they log in (256).
const STRANGERS: usize = 1000;
/// Nearly as long as a first message may be (256 KiB).
const LENGTH: usize = 250_000;
const SENT: usize = 240_000;
const MEBIBYTE: u64 = 1 << 20;

/// A stranger that announces a message, sends most of it, and then nothing more.
fn stranger(port: u16) -> TcpStream {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).expect("the gateway listens");
    let request = format!(
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).expect("the gateway reads");
    let mut answer = [0; 12];
    socket.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 101");
    let mut frame = vec![0x81, 0xff];
    frame.extend((LENGTH as u64).to_be_bytes());
    frame.extend([0; 4]);
    frame.resize(frame.len() + SENT, b'x');
    // One that has had to make room for another is closed meanwhile.
    let _ = socket.write_all(&frame);
    socket
}

#[test]
fn a_thousand_strangers_with_a_quarter_of_a_megabyte_each_do_not_add_up() {
    let home = Home::new();
    let port = home.create_gateway("home");
    home.run("hirogate", &["start"]).success();
    let pid = home.gateway("home")["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).expect("it runs");
    let before = resident_bytes(pid);
    let strangers: Vec<TcpStream> = (0..STRANGERS).map(|_| stranger(port)).collect();
    let grown = resident_bytes(pid).saturating_sub(before);
    // 256 of them, of 256 KiB each, and as much again for what the allocator keeps; together they have sent 229 MiB.
    assert!(grown < 128 * MEBIBYTE, "{} MiB", grown / MEBIBYTE);
    assert_eq!(home.gateway("home")["state"], "ready");
    drop(strangers);
}
