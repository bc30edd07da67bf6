//! The process of a plugin: announced where it is an instance of its own, logging, and ended in order.
//!
//! Behind the server's exec shim there is nothing to announce: the shim has done so. [`crate::main()`] is made of this,
//! and so are the plugins that come with the server's program.

use std::path::Path;
use std::thread;

use hiro_process::{Announced, Instance, StopRequest, announce};
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

use crate::{Channel, Error, Options, interruption, log};

/// Runs `channel` until its server or a request to stop ends it. With a PID file the process is that instance, and ready
/// once it has registered; without one it only listens for signals.
///
/// # Errors
/// The process can't be announced, the server refuses the plugin, or there has been no server for too long.
pub fn run<C: Channel>(channel: C, options: &Options, pid_file: Option<&Path>) -> Result<(), Error> {
    let description = channel.description();
    let announced = pid_file.map(|pid_file| announce_at(pid_file, &description.version)).transpose()?;
    log::begin(&description.name, options.log_dir.as_deref(), &options.log_level);
    let runtime = start_runtime()?;
    let served = match announced {
        Some(announced) => be_instance(channel, options, announced, &runtime),
        None => runtime.block_on(be_program(channel, options)),
    };
    // What a channel has left running must not hold up the end.
    runtime.shutdown_background();
    served
}

/// One thread: there is one connection, and a frame that changes threads waits for the next one to wake. What blocks has
/// threads of its own (`spawn_blocking`).
fn start_runtime() -> Result<Runtime, Error> {
    Builder::new_current_thread().enable_all().build().map_err(|source| Error::NoRuntime { source })
}

fn announce_at(pid_file: &Path, version: &str) -> Result<Announced, Error> {
    let instance =
        Instance::new(pid_file).map_err(|source| Error::PidFile { path: pid_file.to_owned(), source })?;
    Ok(announce(&instance, version)?)
}

async fn be_program<C: Channel>(channel: C, options: &Options) -> Result<(), Error> {
    let shutdown = CancellationToken::new();
    let interrupted = async {
        if interruption::wait().await.is_ok() {
            shutdown.cancel();
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        served = crate::run(channel, options, || tracing::info!("registered"), shutdown.clone()) => served,
        () = interrupted => unreachable!("it never ends"),
    }
}

fn be_instance<C: Channel>(
    channel: C,
    options: &Options,
    mut announced: Announced,
    runtime: &Runtime,
) -> Result<(), Error> {
    let shutdown = CancellationToken::new();
    cancel_on_request(&announced, shutdown.clone());
    let mut readiness = Ok(());
    let on_registered = || {
        tracing::info!("registered");
        readiness = announced.ready();
        if readiness.is_err() {
            shutdown.cancel();
        }
    };
    let served = runtime.block_on(crate::run(channel, options, on_registered, shutdown.clone()));
    readiness?;
    served?;
    end(announced)
}

fn cancel_on_request(announced: &Announced, shutdown: CancellationToken) {
    let requests = announced.stop_requests();
    thread::spawn(move || {
        if requests.wait().is_ok() {
            shutdown.cancel();
        }
    });
}

/// `channel.stop` is a request to stop like any other; the signal that may follow it only finds a process less.
fn end(mut announced: Announced) -> Result<(), Error> {
    announced.stopping()?;
    let request = announced.stop_requests().try_wait()?.unwrap_or(StopRequest::Requested);
    Ok(announced.withdraw(&request)?)
}
