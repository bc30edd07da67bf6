//! The process that a gateway is: it announces itself, binds its port, says that it is ready, and relays until
//! somebody asks it to stop.
//!
//! What goes wrong on the way leaves the PID file where it is: that is the record of a crash.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread;

use hiro_process::{Announced, StopRequest, StopRequests, announce, port_taken};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::descriptors;
use crate::error::GatewayError;
use crate::relay::{self, RelaySettings};
use crate::service::{Gateways, process_of};
use crate::settings::Settings;

/// Who asked for the stop, or why nobody can be heard any more.
type Asked = Result<StopRequest, hiro_process::Error>;

/// Is the gateway `name` until it is asked to stop.
///
/// # Errors
/// When the gateway runs already (the message has its PID), its files can't be used, or its port is somebody else's.
pub fn run(gateways: &Gateways, name: Option<&str>) -> Result<(), GatewayError> {
    let entry = gateways.resolve(name)?;
    let mut process = announce(&process_of(&entry), env!("CARGO_PKG_VERSION"))?;
    let settings = Settings::load(gateways.data(), &entry)?;
    let address = settings.address()?;
    let listener = bind(address)?;
    if settings.relay.tls.is_none() && !address.ip().is_loopback() {
        warn!(%address, "other machines can connect, and without TLS everybody on the way can read along");
    }
    let settings = settings.within(descriptors::raise_limit());
    let runtime = Runtime::new().map_err(|source| system("start the runtime", source))?;
    process.ready()?;
    info!(instance = entry.name, url = settings.url(), "listening");
    let request = runtime.block_on(relay_until_asked(listener, settings.relay, &mut process))?;
    process.withdraw(&request)?;
    info!("stopped");
    Ok(())
}

fn bind(address: SocketAddr) -> Result<TcpListener, GatewayError> {
    TcpListener::bind(address).map_err(|source| match port_taken(address) {
        Some(taken) => GatewayError::AddressTaken { address, taken },
        None => GatewayError::Listen { address, source },
    })
}

async fn relay_until_asked(
    listener: TcpListener,
    settings: RelaySettings,
    process: &mut Announced,
) -> Result<StopRequest, GatewayError> {
    let failed = |source| system("serve the port", source);
    listener.set_nonblocking(true).map_err(failed)?;
    let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
    let asked = listen_for_stop(process.stop_requests())?;
    let shutdown = CancellationToken::new();
    let relay = relay::run(listener, settings, shutdown.clone());
    let (asked, ()) = tokio::join!(shut_down_when_asked(asked, process, &shutdown), relay);
    Ok(asked?)
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
    shutdown: &CancellationToken,
) -> Asked {
    let asked = asked.await.expect("the thread ends with an answer");
    info!("asked to stop");
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
