//! A channel for one person on a TCP port: what is typed there goes to the server, and the answers come back.

use std::sync::Arc;

use hiro_channel_sdk::unified_message::UnifiedMessage;
use hiro_channel_sdk::{Channel, Description, Failure, Outbound};
use serde_json::{Map, Value};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, tcp::OwnedWriteHalf};
use tokio::{sync::Mutex, task::JoinSet};

type Person = Arc<Mutex<Option<OwnedWriteHalf>>>;

#[derive(Default)]
struct Lines {
    port: u16,
    person: Person,
    work: JoinSet<Result<(), Failure>>,
}

impl Channel for Lines {
    fn description(&self) -> Description {
        Description::new("lines", "1.0.0", "One person on a TCP port.")
    }
    async fn on_configure(&mut self, config: Map<String, Value>, _: &Outbound) -> Result<(), Failure> {
        self.port = config.get("port").and_then(Value::as_u64).ok_or("no `port`")?.try_into()?;
        Ok(())
    }
    async fn on_start(&mut self, server: &Outbound) -> Result<(), Failure> {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await?;
        self.work.spawn(listen(listener, server.clone(), self.person.clone()));
        Ok(())
    }
    async fn on_send(&mut self, message: UnifiedMessage, _: &Outbound) -> Result<(), Failure> {
        if let (Some(text), Some(person)) = (message.first_text(), self.person.lock().await.as_mut()) {
            person.write_all(format!("{text}\n").as_bytes()).await?;
        }
        Ok(())
    }
    async fn on_stop(&mut self) {
        self.work.shutdown().await;
    }
}

async fn listen(listener: TcpListener, server: Outbound, person: Person) -> Result<(), Failure> {
    loop {
        let (reader, writer) = listener.accept().await?.0.into_split();
        *person.lock().await = Some(writer);
        let mut lines = BufReader::new(reader).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            server.receive(&UnifiedMessage::text("lines", "somebody", &line)).await?;
        }
    }
}

fn main() -> std::process::ExitCode {
    hiro_channel_sdk::main(Lines::default())
}
