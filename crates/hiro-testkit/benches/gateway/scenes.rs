//! What is measured, each with a gateway of which nothing else is asked at the time.

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use super::client::Client;
use super::frames::text_frame;
use super::subject::Subject;
use super::usage;

type Scene = fn(&Subject, &Amounts) -> anyhow::Result<Vec<String>>;

/// In the order in which they are printed.
pub(crate) const ALL: &[Scene] = &[round_trips, pipelined, pipelined_by_eight, broadcast, idle];

/// How long a message is, as its sender writes it.
const MESSAGE_BYTES: usize = 200;
const AUDIENCE: usize = 100;

/// How much of everything.
pub(crate) struct Amounts {
    messages: usize,
    round_trips: usize,
    connections: usize,
}

impl Amounts {
    /// Connections take a descriptor each, here and in the gateway; some are needed for the rest.
    pub(crate) fn from_environment(descriptors: Option<u64>) -> Self {
        let number = |name: &str, default| {
            std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
        };
        let possible = descriptors.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        Self {
            messages: number("HIRO_BENCH_MESSAGES", 1_000_000),
            round_trips: number("HIRO_BENCH_ROUND_TRIPS", 10_000),
            connections: number("HIRO_BENCH_CONNECTIONS", 10_000).min(possible.saturating_sub(100)),
        }
    }

    pub(crate) fn divided_by(&self, divisor: usize) -> Self {
        let [messages, round_trips, connections] =
            [self.messages, self.round_trips, self.connections].map(|amount| amount.div_ceil(divisor));
        Self { messages, round_trips, connections }
    }
}

fn message(target: Option<&str>) -> Vec<u8> {
    let target = target.map_or_else(String::new, |target| format!(r#""target_device_id":"{target}","#));
    let empty = format!(r#"{{{target}"payload":""}}"#);
    text_frame(&empty.replace(r#""}"#, &format!(r#"{}"}}"#, "x".repeat(MESSAGE_BYTES - empty.len()))))
}

/// One message at a time, there and back.
fn round_trips(gateway: &Subject, amounts: &Amounts) -> anyhow::Result<Vec<String>> {
    let mut desktop = Client::desktop(gateway.address, &gateway.desktop, "desktop")?;
    let mut device = Client::device(gateway.address, &gateway.desktop, "device")?;
    skip_notices(&mut desktop)?;
    let (there, back) = (message(Some("device")), message(Some("desktop")));
    let mut times = Vec::with_capacity(amounts.round_trips);
    for _ in 0..amounts.round_trips {
        let begun = Instant::now();
        desktop.send(&there)?;
        device.receive()?;
        device.send(&back)?;
        desktop.receive()?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    let at = |quantile: f64| times[((times.len() - 1) as f64 * quantile) as usize].as_micros();
    Ok(vec![format!(
        "  {:<44} p50 {} us, p99 {} us, {} times",
        "round trip, two messages",
        at(0.5),
        at(0.99),
        times.len()
    )])
}

/// Reads the notice that the device has joined, where the gateway gives one: the Python package does from 0.2 on.
fn skip_notices(desktop: &mut Client) -> anyhow::Result<()> {
    desktop.send(&message(Some("desktop")))?;
    while desktop.receive()?.starts_with(br#"{"type":"device_connected""#) {}
    Ok(())
}

fn pipelined(gateway: &Subject, amounts: &Amounts) -> anyhow::Result<Vec<String>> {
    Ok(vec![unicast(gateway, 1, amounts.messages)?])
}

fn pipelined_by_eight(gateway: &Subject, amounts: &Amounts) -> anyhow::Result<Vec<String>> {
    Ok(vec![unicast(gateway, 8, amounts.messages)?])
}

/// As many as go through, from every sender to its own receiver. The senders never wait for the receivers, neither here
/// nor in the gateway: what does not fit into a receiver's queue would be lost, and the row would never end.
fn unicast(gateway: &Subject, pairs: usize, messages: usize) -> anyhow::Result<String> {
    let each = messages.div_ceil(pairs);
    let mut clients = Vec::new();
    for pair in 0..pairs {
        let receiver = Client::device(gateway.address, &gateway.desktop, &format!("receiver-{pair}"))?;
        let sender = Client::device(gateway.address, &gateway.desktop, &format!("sender-{pair}"))?;
        clients.push((pair, sender, receiver));
    }
    let used = usage::processor_time(gateway.pid())?;
    let begun = Instant::now();
    thread::scope(|scope| {
        let pairs: Vec<_> = clients
            .into_iter()
            .map(|(pair, sender, receiver)| {
                // It stays open: one that closes with a ping unread takes back what the gateway has not read yet.
                let writing =
                    scope.spawn(move || flood(&sender, &format!("receiver-{pair}"), each).map(|()| sender));
                (writing, scope.spawn(move || count(receiver, each)))
            })
            .collect();
        for (writing, reading) in pairs {
            let _sender = writing.join().expect("the sender does not panic")?;
            reading.join().expect("the receiver does not panic")?;
        }
        anyhow::Ok(())
    })?;
    let took = begun.elapsed();
    let sent = each * pairs;
    let name = format!("unicast, {pairs} x 1 pipelined");
    Ok(format!("  {name:<44} {}{}", per_second(sent, took), per_message(gateway, used, sent)?))
}

fn flood(sender: &Client, target: &str, count: usize) -> anyhow::Result<()> {
    const AT_ONCE: usize = 100;
    let chunk = message(Some(target)).repeat(AT_ONCE);
    let length = chunk.len() / AT_ONCE;
    let mut stream = sender.sender()?;
    for done in (0..count).step_by(AT_ONCE) {
        stream.write_all(&chunk[..length * AT_ONCE.min(count - done)])?;
    }
    Ok(())
}

fn count(mut receiver: Client, messages: usize) -> anyhow::Result<()> {
    receiver.read_in_bulk();
    (0..messages).try_for_each(|_| receiver.receive().map(drop))
}

/// One sender, a hundred receivers.
fn broadcast(gateway: &Subject, amounts: &Amounts) -> anyhow::Result<Vec<String>> {
    let messages = amounts.messages.div_ceil(AUDIENCE);
    let sender = Client::device(gateway.address, &gateway.desktop, "broadcaster")?;
    let mut audience = Vec::new();
    for number in 0..AUDIENCE {
        let listener = Client::device(gateway.address, &gateway.desktop, &format!("listener-{number}"))?;
        audience.push(listener);
    }
    let used = usage::processor_time(gateway.pid())?;
    let begun = Instant::now();
    thread::scope(|scope| {
        let listening: Vec<_> =
            audience.into_iter().map(|listener| scope.spawn(move || count(listener, messages))).collect();
        let frame = message(None);
        let mut stream = sender.sender()?;
        for _ in 0..messages {
            stream.write_all(&frame)?;
        }
        listening.into_iter().try_for_each(|one| one.join().expect("a listener does not panic"))
    })?;
    let (took, delivered) = (begun.elapsed(), messages * AUDIENCE);
    let name = format!("broadcast to {AUDIENCE}, deliveries");
    Ok(vec![format!(
        "  {name:<44} {}{}",
        per_second(delivered, took),
        per_message(gateway, used, delivered)?
    )])
}

/// Devices that are logged in and say nothing.
fn idle(gateway: &Subject, amounts: &Amounts) -> anyhow::Result<Vec<String>> {
    let before = usage::resident_kib(gateway.pid())?;
    let begun = Instant::now();
    let mut devices = Vec::with_capacity(amounts.connections);
    for number in 0..amounts.connections {
        devices.push(Client::device(gateway.address, &gateway.desktop, &format!("idle-{number}"))?);
    }
    let took = begun.elapsed();
    let logins = format!("  {:<44} {}", "logins, one after the other", per_second(devices.len(), took));
    let after = usage::resident_kib(gateway.pid())?;
    let name = format!("{} idle connections", devices.len());
    let memory = match (before, after) {
        (Some(before), Some(after)) => {
            let each = after.saturating_sub(before) as f64 / devices.len() as f64;
            format!("{each:.1} KiB each, {after} KiB in all ({before} KiB before)")
        }
        _ => "not measured on this system".to_owned(),
    };
    Ok(vec![logins, format!("  {name:<44} {memory}")])
}

fn per_second(count: usize, took: Duration) -> String {
    format!("{:>9.0}/s", count as f64 / took.as_secs_f64())
}

fn per_message(gateway: &Subject, before: Option<Duration>, messages: usize) -> anyhow::Result<String> {
    let after = usage::processor_time(gateway.pid())?;
    Ok(match before.zip(after) {
        Some((before, after)) => {
            let each = (after.saturating_sub(before)).as_secs_f64() * 1e6 / messages as f64;
            format!(", {each:.2} us of the gateway's processor time each")
        }
        None => String::new(),
    })
}
