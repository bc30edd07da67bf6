//! What is measured, each in a league of its own.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use hiro_testkit::{League, PATIENCE, kill, resident_bytes, until};
use hirocli::database::{ChannelPlugin, Database};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

use super::device::{Told, log_in, message, told};
use super::measure::Samples;

const ECHO: &str = "channel:default/echo";

/// The same rounds as in `there_and_back`, with nothing in between.
pub(crate) fn hop() -> anyhow::Result<Samples> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut near = TcpStream::connect(listener.local_addr()?)?;
    let (mut far, _) = listener.accept()?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let echo = thread::spawn(move || {
        let mut byte = [0];
        while far.read_exact(&mut byte).is_ok() && far.write_all(&byte).is_ok() {}
    });
    let mut times = Vec::new();
    for _ in 0..2000 {
        let begun = Instant::now();
        near.write_all(b".")?;
        near.read_exact(&mut [0])?;
        times.push(begun.elapsed());
    }
    drop(near);
    echo.join().map_err(|_| anyhow::anyhow!("the far end panicked"))?;
    Ok(Samples::new(times))
}

/// From a device's message to its echo: eight hops, two processes of ours and two plugins. One at a time.
pub(crate) fn there_and_back(count: usize) -> anyhow::Result<Samples> {
    let league = League::that_is_up();
    let mut device = log_in(&league);
    let mut times = Vec::new();
    for number in 0..count as u64 {
        let begun = Instant::now();
        device.send(message(number))?;
        loop {
            match device.read()? {
                Message::Text(text) if told(&text) == Told::Echoed(number) => break,
                _ => {}
            }
        }
        times.push(begun.elapsed());
    }
    Ok(Samples::new(times))
}

/// As many programs of this size, without a word between them.
pub(crate) fn spawned(count: usize) -> anyhow::Result<Samples> {
    let mut times = Vec::new();
    for _ in 0..5 {
        let begun = Instant::now();
        let spawn = |_| Command::new(std::env::current_exe()?).arg("nothing").stdin(Stdio::null()).spawn();
        let children = (0..count).map(spawn).collect::<Result<Vec<_>, _>>()?;
        for mut child in children {
            child.wait()?;
        }
        times.push(begun.elapsed());
    }
    Ok(Samples::new(times))
}

/// From `hiro start` to the moment that the server lists every plugin.
pub(crate) fn started(count: usize) -> anyhow::Result<Samples> {
    let league = League::that_is_up();
    league.hiro(&["stop"]).success();
    let database = Database::open(&league.workspace())?;
    let program = std::env::current_exe()?.display().to_string();
    for number in 0..count {
        let name = format!("quiet-{number}");
        let command = vec![program.clone(), format!("--plugin={name}")];
        database.upsert_channel_plugin(&ChannelPlugin { command, ..ChannelPlugin::new(name) })?;
    }
    let mut times = Vec::new();
    for _ in 0..3 {
        let begun = Instant::now();
        league.hiro(&["start"]).success();
        until("all plugins to register", PATIENCE, || (registered(&league) == count + 2).then_some(()));
        times.push(begun.elapsed());
        league.hiro(&["stop"]).success();
    }
    Ok(Samples::new(times))
}

fn registered(league: &League) -> usize {
    let Ok(mut socket) = TcpStream::connect(("127.0.0.1", league.port("http_port"))) else { return 0 };
    let request = "GET /channels HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    let mut answer = String::new();
    let asked = socket.write_all(request.as_bytes()).and_then(|()| socket.read_to_string(&mut answer));
    if asked.is_err() {
        return 0;
    }
    let body = answer.split("\r\n\r\n").nth(1).and_then(|body| serde_json::from_str::<Value>(body).ok());
    body.and_then(|body| body["channels"].as_array().map(Vec::len)).unwrap_or(0)
}

/// What a killed plugin costs.
pub(crate) struct Crashes {
    pub(crate) whole: Samples,
    pub(crate) beyond_backoff: Samples,
}

/// From the kill to the moment that the server lists the plugin again.
pub(crate) fn crashes(count: usize) -> anyhow::Result<Crashes> {
    let (mut whole, mut beyond) = (Vec::new(), Vec::new());
    for _ in 0..count {
        // A league each: the wait grows with every crash.
        let league = League::that_is_up();
        until("both plugins to register", PATIENCE, || (registered(&league) == 2).then_some(()));
        let echo = league.process(ECHO);
        let begun = Instant::now();
        kill(echo.pid.get());
        until("the plugin to leave", PATIENCE, || (registered(&league) == 1).then_some(()));
        until("the plugin to register again", PATIENCE, || (registered(&league) == 2).then_some(()));
        let took = begun.elapsed();
        whole.push(took);
        beyond.push(took.saturating_sub(backoff(&league).context("the log tells the wait")?));
    }
    Ok(Crashes { whole: Samples::new(whole), beyond_backoff: Samples::new(beyond) })
}

/// The wait before the last restart, as the server's log tells it.
fn backoff(league: &League) -> Option<Duration> {
    let log = std::fs::read_to_string(league.workspace().join("stderr.log")).ok()?;
    let (_, rest) = log.rsplit_once("again_in=")?;
    let text = rest.trim_start_matches("Some(").split([')', ' ', '\n']).next()?;
    match text.strip_suffix("ms") {
        Some(milliseconds) => Some(Duration::from_secs_f64(milliseconds.parse::<f64>().ok()? / 1e3)),
        None => Some(Duration::from_secs_f64(text.strip_suffix('s')?.parse().ok()?)),
    }
}

/// The memory of a server that has its channels and nothing to do.
pub(crate) fn idle_memory() -> anyhow::Result<f64> {
    let league = League::that_is_up();
    until("both plugins to register", PATIENCE, || (registered(&league) == 2).then_some(()));
    Ok(resident_bytes(league.process("server:default").pid.get()) as f64)
}
