//! Who may register on the plugin port of a running server, and what whoever misbehaves there costs the others: nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::io::Write;
use std::net::TcpStream;

use hiro_process::is_running;
use hiro_testkit::{League, PATIENCE, until};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

/// A plugin of the test's own process: no child of the server.
struct Stranger(WebSocket<TcpStream>);

impl Stranger {
    fn connect(league: &League) -> Self {
        let port = league.port("plugin_port");
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(client(format!("ws://127.0.0.1:{port}"), stream).unwrap().0)
    }

    fn say(&mut self, frame: &Value) {
        self.0.send(Message::text(frame.to_string())).unwrap();
    }

    /// As the SDK of Python says it.
    fn register(&mut self, name: &str) {
        let params = json!({"name": name, "version": "1", "description": ""});
        self.say(&json!({"jsonrpc": "2.0", "method": "channel.register", "params": params, "id": null}));
    }

    fn hear(&mut self) -> Result<Value, Option<CloseFrame>> {
        loop {
            match self.0.read() {
                Ok(Message::Text(text)) => return Ok(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(frame)) => return Err(frame),
                Ok(_) => {}
                Err(_) => return Err(None),
            }
        }
    }

    fn until_refused(mut self, reason: &str) {
        let close = self.hear().expect_err("who is refused learns nothing").expect("a close frame");
        assert_eq!((u16::from(close.code), close.reason.as_str()), (1008, reason));
    }
}

/// The agent answers, and the way to the gateway stands.
fn is_undisturbed(league: &League) {
    assert!(league.hiro(&["demo", "undisturbed"]).success().contains("[echo] undisturbed"));
}

/// A league where people may start plugins by hand.
fn open_league() -> League {
    let league = League::that_is_up();
    let mut config = league.config();
    config["open_plugin_port"] = json!(true);
    std::fs::write(league.workspace().join("config.json"), config.to_string()).unwrap();
    league.hiro(&["restart"]).success();
    league.until_state("channel:default/echo", "ready");
    league.until_state("channel:default/devices", "ready");
    league
}

#[test]
fn a_rogue_that_calls_itself_devices_is_refused_and_learns_nothing_while_the_real_one_goes_on() {
    let league = League::that_is_up();
    let devices = league.process("channel:default/devices");
    for _ in 0..3 {
        let mut rogue = Stranger::connect(&league);
        rogue.register("devices");
        rogue.until_refused("not the plugin that this server has started");
    }
    assert!(is_running(&devices));
    assert_eq!(league.process("channel:default/devices"), devices);
    assert_eq!(league.row("server:default")["ws_connected"], true);
    is_undisturbed(&league);
    until("the refusals to be on record", PATIENCE, || {
        (league.row("channel:default/devices")["offences"]["refused"] == 3).then_some(())
    });
}

#[test]
fn a_name_without_a_plugin_of_this_server_is_refused_unless_the_configuration_opens_the_port() {
    let league = League::that_is_up();
    let mut stranger = Stranger::connect(&league);
    stranger.register("telegram");
    stranger.until_refused("not started by this server");
    let open = open_league();
    let mut plugin = Stranger::connect(&open);
    plugin.register("telegram");
    assert_eq!(plugin.hear().unwrap()["method"], "channel.configure");
    // What the server has started is its own there, too.
    let mut rogue = Stranger::connect(&open);
    rogue.register("echo");
    rogue.until_refused("not the plugin that this server has started");
    is_undisturbed(&open);
}

#[test]
fn a_plugin_that_registers_twice_keeps_its_first_name_and_the_other_stays_its_owners() {
    let league = open_league();
    let mut plugin = Stranger::connect(&league);
    plugin.register("telegram");
    assert_eq!(plugin.hear().unwrap()["method"], "channel.configure");
    plugin.register("echo");
    plugin.say(&json!({"jsonrpc": "2.0", "method": "channel.dance", "params": {}, "id": 1}));
    assert_eq!(plugin.hear().unwrap()["error"]["code"], -32601, "neither configured anew nor closed");
    is_undisturbed(&league);
}

#[test]
fn a_gigabyte_without_end_costs_its_sender_the_connection_and_the_server_no_memory() {
    let league = open_league();
    let server = league.process("server:default");
    let before = hiro_testkit::resident_bytes(server.pid.get());
    // Without a handshake, and in one message after it.
    let mut raw = TcpStream::connect(("127.0.0.1", league.port("plugin_port"))).unwrap();
    let block = vec![b'x'; 1 << 20];
    assert!((0..1024).any(|_| raw.write_all(&block).is_err()), "nobody takes a gigabyte");
    let mut plugin = Stranger::connect(&league);
    plugin.register("telegram");
    assert_eq!(plugin.hear().unwrap()["method"], "channel.configure");
    let stream = plugin.0.get_mut();
    // A text frame that promises 1 GiB.
    let mut head = vec![0x81, 0x80 | 127];
    head.extend(u64::to_be_bytes(1 << 30));
    head.extend([0; 4]);
    let sent = stream.write_all(&head).and_then(|()| (0..1024).try_for_each(|_| stream.write_all(&block)));
    assert!(sent.is_err(), "nobody takes a gigabyte");
    let grown = hiro_testkit::resident_bytes(server.pid.get()).saturating_sub(before);
    // Under Wine a process's memory is Wine's, too.
    assert!(cfg!(windows) || grown < 16 << 20, "{grown} bytes more");
    is_undisturbed(&league);
}

#[test]
fn a_flood_of_frames_that_mean_nothing_is_held_up_and_holds_up_nobody_else() {
    let league = open_league();
    let mut plugin = Stranger::connect(&league);
    plugin.register("telegram");
    assert_eq!(plugin.hear().unwrap()["method"], "channel.configure");
    plugin.0.get_mut().set_write_timeout(Some(std::time::Duration::from_millis(100))).unwrap();
    // The sender blocks in the end: what is not read waits in its own socket.
    let blocked = (0..2_000_000).any(|_| plugin.0.send(Message::text("neither JSON nor anything")).is_err());
    assert!(blocked, "all was taken");
    is_undisturbed(&league);
}
