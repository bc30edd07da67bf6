//! The process that a gateway is: it announces itself, binds its port, says that it is ready, and relays until
//! somebody asks it to stop.
//!
//! What goes wrong on the way leaves the PID file where it is: that is the record of a crash.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use hiro_process::{Announced, StopRequest, StopRequests, announce, port_taken};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::backlog;
use crate::descriptors;
use crate::error::GatewayError;
use crate::log::{self, LogOptions};
use crate::metrics::{self, HttpLimits, Observed};
use crate::registry::InstanceEntry;
use crate::relay::{self, BusUrl, RelaySettings};
use crate::report;
use crate::service::{Gateways, process_of};
use crate::settings::Settings;

/// Who asked for the stop, or why nobody can be heard any more.
type Asked = Result<StopRequest, hiro_process::Error>;

/// How to be a gateway.
#[derive(Debug, Clone, Default)]
pub struct ForegroundOptions {
    /// Everything is logged.
    pub verbose: bool,
    /// The log goes to stderr, too.
    pub console: bool,
    /// Where the log files go; absent: where the configuration says.
    pub log_dir: Option<PathBuf>,
    /// Where `/metrics` and `/health` are served; 0: nowhere; absent: where the configuration says.
    pub metrics_port: Option<u16>,
    /// On which host.
    pub metrics_host: Option<String>,
    /// Where the other nodes of the gateway are; absent: where the configuration says.
    pub bus: Option<BusUrl>,
}

/// What the process listens with.
struct Listeners {
    relay: TcpListener,
    metrics: Option<TcpListener>,
}

/// Is the gateway `name` until it is asked to stop.
///
/// # Errors
/// When the gateway runs already (the message has its PID), its files can't be used, or a port is somebody else's.
pub fn run(gateways: &Gateways, name: Option<&str>, options: &ForegroundOptions) -> Result<(), GatewayError> {
    let entry = gateways.resolve(name)?;
    let process = announce(&process_of(&entry), env!("CARGO_PKG_VERSION"))?;
    let settings = Settings::load(gateways.data(), &entry)?.with(options);
    log::begin(&LogOptions {
        folder: settings.log_folder(&entry.path),
        rotation: settings.config.log_rotation(),
        verbose: options.verbose,
        console: options.console,
    })?;
    serve(&entry, settings, process)
        .inspect_err(|failure| error!(target: log::FILE_ALONE, failure = failure.with_causes(), "failed"))
}

fn serve(entry: &InstanceEntry, settings: Settings, mut process: Announced) -> Result<(), GatewayError> {
    let address = settings.address()?;
    let metrics = settings.metrics_address()?;
    let listeners = Listeners { relay: bind(address)?, metrics: metrics.map(bind).transpose()? };
    if let Err(failure) = backlog::lengthen(&listeners.relay) {
        warn!(%failure, "no more connections can wait than usually do");
    }
    let settings = settings.within(descriptors::raise_limit());
    let runtime = Runtime::new().map_err(|source| system("start the runtime", source))?;
    info!(
        instance = entry.name,
        url = settings.url(report::Runtime::Native),
        version = env!("CARGO_PKG_VERSION"),
        "listening"
    );
    if settings.is_exposed(address) {
        warn!(%address, "other machines can connect, and without TLS everybody on the way can read along");
    }
    tell_of_metrics(metrics);
    // Behind that: who is told that it is ready finds it in the log.
    process.ready()?;
    let observed = Observed::new(&entry.name, &entry.path, Arc::clone(&settings.relay.counters));
    let request = runtime.block_on(relay_until_asked(listeners, settings.relay, observed, &mut process))?;
    process.withdraw(&request)?;
    info!("stopped");
    Ok(())
}

fn tell_of_metrics(address: Option<SocketAddr>) {
    let Some(address) = address else { return };
    info!(%address, "metrics and health are served");
    if !address.ip().is_loopback() {
        warn!(%address, "other machines can read the metrics: nobody has to log in for them");
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, GatewayError> {
    TcpListener::bind(address).map_err(|source| match port_taken(address) {
        Some(taken) => GatewayError::AddressTaken { address, taken },
        None => GatewayError::Listen { address, source },
    })
}

async fn relay_until_asked(
    listeners: Listeners,
    settings: RelaySettings,
    observed: Observed,
    process: &mut Announced,
) -> Result<StopRequest, GatewayError> {
    let listener = of_runtime(listeners.relay)?;
    let asked = listen_for_stop(process.stop_requests())?;
    let shutdown = CancellationToken::new();
    if let Some(listener) = listeners.metrics {
        let (listener, observed, shutdown) = (of_runtime(listener)?, observed.clone(), shutdown.clone());
        tokio::spawn(metrics::serve(listener, observed, HttpLimits::default(), shutdown));
    }
    let relay = relay::run(listener, settings, shutdown.clone());
    let (asked, ()) = tokio::join!(shut_down_when_asked(asked, process, &observed, &shutdown), relay);
    Ok(asked?)
}

fn of_runtime(listener: TcpListener) -> Result<tokio::net::TcpListener, GatewayError> {
    let failed = |source| system("serve the port", source);
    listener.set_nonblocking(true).map_err(failed)?;
    tokio::net::TcpListener::from_std(listener).map_err(failed)
}

/// On a thread of its own: requests to stop are waited for as the platform gives them, without a runtime.
fn listen_for_stop(requests: StopRequests) -> Result<oneshot::Receiver<Asked>, GatewayError> {
    let (sender, receiver) = oneshot::channel();
    thread::Builder::new()
        .name("stop requests".to_owned())
        .spawn(move || sender.send(requests.wait()))
        .map_err(|source| system("start a thread", source))?;
    Ok(receiver)
}

async fn shut_down_when_asked(
    asked: oneshot::Receiver<Asked>,
    process: &mut Announced,
    observed: &Observed,
    shutdown: &CancellationToken,
) -> Asked {
    let asked = asked.await.expect("the thread ends with an answer");
    info!("asked to stop");
    observed.stopping();
    // Who can't write any more can still close its connections.
    if let Err(failure) = process.stopping() {
        warn!(%failure, "could not record the stop");
    }
    shutdown.cancel();
    asked
}

fn system(action: &'static str, source: io::Error) -> GatewayError {
    GatewayError::System { action, source }
}
