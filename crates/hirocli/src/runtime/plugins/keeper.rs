//! Keeps one plugin running: starts it, notices a crash, and starts it again after a while.
//!
//! A plugin that does not start is left alone: it would fail the next time, too. One that somebody has stopped stays so.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hiro_channel_sdk::Backoff;
use hiro_process::{
    Error as ProcessError, Instance, StartOptions, Started, State, get_status, start_instance,
};
use hirogateway::InstanceName;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Launcher;
use super::command::Command;
use crate::Error;
use crate::database::ChannelPlugin;

/// How often to look whether a plugin still runs: no event tells of a process that a launcher has started.
const LOOK_EVERY: Duration = Duration::from_secs(1);

const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(60);

/// A plugin that has run for so long is as good as new.
const PROVEN_AFTER: Duration = Duration::from_secs(60);

/// Keeps the plugin running until `stop` is cancelled.
pub(super) async fn keep(
    launcher: Arc<Launcher>,
    name: InstanceName,
    plugin: ChannelPlugin,
    stop: CancellationToken,
) {
    let command = Command::of(&plugin);
    let mut backoff = Backoff::new(FIRST_DELAY, LONGEST_DELAY);
    loop {
        let begun = Instant::now();
        match start(&launcher, &name, &command).await {
            Ok(started) => tracing::info!(%name, pid = started.identity.pid.get(), "plugin started"),
            Err(error) => {
                tracing::error!(%name, %error, "a plugin does not start");
                return;
            }
        }
        let Some(crash) = stop.run_until_cancelled(crash(&launcher, &name)).await.flatten() else { return };
        if begun.elapsed() >= PROVEN_AFTER {
            backoff.succeeded();
        }
        let delay = backoff.failed();
        tracing::error!(%name, %crash, again_in = ?delay, "a plugin has crashed");
        if stop.run_until_cancelled(sleep(delay)).await.is_none() {
            return;
        }
    }
}

async fn start(launcher: &Arc<Launcher>, name: &InstanceName, command: &Command) -> Result<Started, Error> {
    let (launcher, name, command) = (launcher.clone(), name.clone(), command.clone());
    let started = spawn_blocking(move || match start_now(&launcher, &name, &command) {
        Err(Error::Process(ProcessError::UvMissing { .. })) => {
            start_now(&launcher, &name, &command.without_uv())
        }
        started => started,
    });
    started.await.expect("a start doesn't panic")
}

fn start_now(launcher: &Launcher, name: &InstanceName, command: &Command) -> Result<Started, Error> {
    let instance = launcher.channels.instance(name)?;
    let launch = launcher.launch(name, command)?;
    Ok(start_instance(&instance, &launch, &StartOptions::default(), &mut |_| {})?)
}

/// Waits until the plugin has crashed, and says how; none when it was stopped or nothing is known of it any more.
async fn crash(launcher: &Arc<Launcher>, name: &InstanceName) -> Option<String> {
    let instance = launcher.channels.instance(name).ok()?;
    loop {
        sleep(LOOK_EVERY).await;
        match look(instance.clone()).await {
            State::Crashed(crash) => return Some(crash.to_string()),
            State::Stopped => return None,
            _ => {}
        }
    }
}

async fn look(instance: Instance) -> State {
    spawn_blocking(move || get_status(&instance)).await.expect("a look doesn't panic")
}
