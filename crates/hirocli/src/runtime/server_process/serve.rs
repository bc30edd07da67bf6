//! The server process while it is ready: it serves, reacts to what it is asked, and ends in order.

use std::time::Duration;

use hiro_process::{Announced, Error as ProcessError, Launch, StopRequest};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle, block_in_place, spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::account;
use super::events::{self, Event, Events};
use super::listeners::Bound;
use crate::Error;
use crate::runtime::plugins::Plugins;
use crate::runtime::services::{Orders, Watch};
use crate::runtime::supervision::Team;
use crate::server::{Server, Settings};

/// How long the end of a server waits for children that are just being started.
const SETTLE_PATIENCE: Duration = Duration::from_secs(3);

/// What comes through the HTTP API at once: it is passed on without a wait.
const CONTROL: usize = 64;

/// What there is to serve.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) settings: Settings,
    pub(super) plugins: Plugins,
    /// How the successor of this process is launched.
    pub(super) launch: Launch,
    /// The watch over the workspace's services.
    pub(super) watch: Watch,
    /// Who carries out orders about them.
    pub(super) orders: Orders,
}

/// Serves until this process is asked to end. By then everything that it has started has ended.
pub(super) async fn serve(
    mut announced: Announced,
    bound: Bound,
    service: Service,
) -> Result<(Announced, StopRequest), Error> {
    let (control, requests) = mpsc::channel(CONTROL);
    let Service { settings, plugins, launch, watch, orders } = service;
    let (supervision, workspace) = (settings.supervision.clone(), settings.workspace.path.clone());
    let accounts = tokio::spawn(account::keep(supervision, announced.identity(), workspace));
    let mut team = Team::new(vec![plugins.roster()], settings.supervision.clone());
    let server = Server::new(bound.into_listeners()?, settings, control)?;
    let enabled = plugins.enabled()?;
    let events = events::gather(announced.stop_requests(), requests);
    announced.ready()?;
    let shutdown = CancellationToken::new();
    let mut serving = tokio::spawn(server.run(shutdown.clone()));
    enabled.into_iter().for_each(|plugin| team.keep(plugin));
    tokio::spawn(watch.run(shutdown.clone()));
    let mut process = Process { announced, events, launch, team, orders };
    let outcome = process.wait(&mut serving).await;
    if let Err(error) = process.announced.stopping() {
        tracing::warn!(%error, "others don't learn that this server is stopping");
    }
    tracing::info!("stopping");
    // While the server still serves: a plugin that is just being started can register and be told to stop.
    if !process.team.settle(SETTLE_PATIENCE).await {
        tracing::warn!("a child was still being started when the server ended");
    }
    let told = plugins.registered();
    shutdown.cancel();
    let served = if serving.is_finished() { Ok(()) } else { joined(serving.await) };
    plugins.stop(told).await;
    accounts.abort();
    tracing::info!("stopped");
    served?;
    Ok((process.announced, outcome?))
}

struct Process {
    announced: Announced,
    events: Events,
    launch: Launch,
    team: Team,
    orders: Orders,
}

impl Process {
    /// Waits for a reason to end.
    async fn wait(&mut self, serving: &mut JoinHandle<()>) -> Result<StopRequest, Error> {
        loop {
            let event = tokio::select! {
                event = self.events.next() => event,
                ended = &mut *serving => return joined(ended).map(|()| StopRequest::Requested),
            };
            match event {
                Some(Event::Stop(request)) => return Ok(request),
                Some(Event::Restart) => {
                    if self.start_successor() {
                        return Ok(StopRequest::Requested);
                    }
                }
                Some(Event::Child(request)) if self.orders.concern(&request) => {
                    let orders = self.orders.clone();
                    spawn_blocking(move || orders.carry_out(request));
                }
                Some(Event::Child(request)) => block_in_place(|| self.team.carry_out(request)),
                None => return Ok(StopRequest::Requested),
            }
        }
    }

    /// Whether there is a successor now. Otherwise this process goes on, or is about to hear that it shall stop.
    fn start_successor(&mut self) -> bool {
        let (announced, launch) = (&mut self.announced, &self.launch);
        match block_in_place(|| announced.restart(launch)) {
            Ok(()) => true,
            Err(ProcessError::StopRequested) => false,
            Err(error) => {
                tracing::error!(%error, "can't restart; this server goes on");
                false
            }
        }
    }
}

fn joined(ended: Result<(), JoinError>) -> Result<(), Error> {
    ended.map_err(|source| Error::ServerPanicked { source })
}
