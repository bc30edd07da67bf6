//! The port of the channel plugins: accepts connections, and serves each in a task of its own.
//!
//! Order of the end: no message is taken any more; the agent finishes what it was handed; then the channels, which have its
//! answers by now, are told to stop.

mod calls;
mod connection;
mod handshake;
mod pace;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::messages;

/// So many connections at a time are plenty for one workspace; the next one waits.
const MAX_CONNECTIONS: usize = 128;

/// How long to wait when the system has no resources for one more connection.
const ACCEPT_DELAY: Duration = Duration::from_millis(100);

/// When a connection is to end: that of the agent, and those of the others.
#[derive(Debug, Clone)]
struct Stops {
    agent_name: String,
    agent: CancellationToken,
    others: CancellationToken,
}

impl Stops {
    fn new(context: &Context) -> Self {
        Self {
            agent_name: messages::agent_name(context).to_owned(),
            agent: CancellationToken::new(),
            others: CancellationToken::new(),
        }
    }

    fn of(&self, name: Option<&str>) -> &CancellationToken {
        if name == Some(&self.agent_name) { &self.agent } else { &self.others }
    }
}

/// Serves plugins until `stop` is cancelled and every connection has ended.
pub(super) async fn serve(listener: TcpListener, context: Arc<Context>, stop: CancellationToken) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let (mut connections, stops) = (JoinSet::new(), Stops::new(&context));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &permits) => accepted,
            Some(ended) = connections.join_next() => {
                report(ended);
                continue;
            }
            () = stop.cancelled() => break,
        };
        let Some((stream, permit)) = accepted else { continue };
        let (context, stops) = (context.clone(), stops.clone());
        connections.spawn(async move {
            serve_one(stream, context, stops).await;
            drop(permit);
        });
    }
    drop(listener);
    let untold = context.intake.close();
    if untold > 0 {
        tracing::warn!(untold, "messages that waited for the agent are not taken");
    }
    stops.agent.cancel();
    // It has a deadline of its own.
    while context.hub.has(&stops.agent_name)
        && let Some(ended) = connections.join_next().await
    {
        report(ended);
    }
    stops.others.cancel();
    while let Some(ended) = connections.join_next().await {
        report(ended);
    }
}

fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "serving a plugin failed");
    }
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = permits.clone().acquire_owned().await.expect("the semaphore is never closed");
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, permit)),
        Err(error) => {
            tracing::warn!(%error, "can't accept a plugin");
            sleep(ACCEPT_DELAY).await;
            None
        }
    }
}

async fn serve_one(stream: TcpStream, context: Arc<Context>, stops: Stops) {
    let socket = tokio::select! {
        socket = handshake::accept(stream) => socket,
        () = stops.others.cancelled() => return,
    };
    match socket {
        Ok(socket) => connection::serve(socket, &context, &stops).await,
        Err(reason) => tracing::debug!(%reason, "a connection to the plugin port came to nothing"),
    }
}
