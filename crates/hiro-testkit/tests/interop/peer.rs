//! One end of a WebSocket, without a runtime: what it hears is a frame, a close code, or the end of its patience.

use std::net::{Shutdown, TcpStream};

use hiro_testkit::PATIENCE;
use serde_json::Value;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket, client};

#[derive(Debug)]
pub(crate) struct Peer {
    socket: WebSocket<TcpStream>,
    /// The challenge, once it has been heard.
    pub(crate) nonce: String,
}

/// What came next.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Heard {
    Frame(String),
    Closed(u16, String),
    /// No frame and no farewell.
    Broken(String),
}

impl Peer {
    /// A connection to the gateway on `port`, unless nobody listens there.
    pub(crate) fn try_open(port: u16) -> Option<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket with patience");
        stream.set_nodelay(true).expect("a socket without delay");
        let (socket, _) = client(format!("ws://127.0.0.1:{port}/"), stream).ok()?;
        Some(Self { socket, nonce: String::new() })
    }

    pub(crate) fn open(port: u16) -> Self {
        Self::try_open(port).expect("the gateway listens")
    }

    /// A gateway that has closed the connection is heard to have done so, not to be deaf.
    pub(crate) fn say(&mut self, message: Message) {
        match self.socket.send(message) {
            Ok(())
            | Err(Error::ConnectionClosed | Error::AlreadyClosed | Error::Protocol(_) | Error::Io(_)) => {}
            Err(error) => panic!("a frame can not be sent: {error}"),
        }
    }

    pub(crate) fn hear(&mut self) -> Heard {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => return Heard::Frame(text.to_string()),
                Ok(Message::Binary(bytes)) => {
                    return Heard::Broken(format!("{} bytes of binary", bytes.len()));
                }
                Ok(Message::Close(frame)) => {
                    self.hang_up();
                    return farewell(frame);
                }
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Err(error) => return Heard::Broken(error.to_string()),
            }
        }
    }

    /// The next frame, as JSON.
    pub(crate) fn hear_json(&mut self) -> Value {
        match self.hear() {
            Heard::Frame(text) => serde_json::from_str(&text).expect("a frame of JSON"),
            other => panic!("no frame but {other:?}"),
        }
    }

    /// Takes its leave and waits until the gateway has, too.
    pub(crate) fn leave(&mut self) {
        let _gone_already = self.socket.close(None);
        while let Heard::Frame(_) = self.hear() {}
    }

    /// Answers the farewell, and ends: the Python packages wait for that.
    fn hang_up(&mut self) {
        while self.socket.read().is_ok() {}
        let _ended_already = self.socket.get_mut().shutdown(Shutdown::Both);
    }
}

fn farewell(frame: Option<CloseFrame>) -> Heard {
    match frame {
        Some(frame) => Heard::Closed(frame.code.into(), frame.reason.to_string()),
        None => Heard::Broken("closed without a code".to_owned()),
    }
}
