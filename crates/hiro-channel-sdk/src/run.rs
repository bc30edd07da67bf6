//! Keeps a plugin connected to the server until one of them wants to end.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::session::{Ending, serve};
use crate::{Backoff, Channel, Error, Options, socket};

const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// Connects `channel` to the server and does what the server says; connects again whenever the connection is lost.
/// `on_registered` is called once, when the server has accepted the first registration.
///
/// Returns when the server has stopped or replaced the plugin, or after `shutdown` was cancelled.
///
/// # Errors
/// The server refuses the registration, or was away for as long as `options.give_up_after`.
///
/// ```no_run
/// use hiro_channel_sdk::{Options, echo, run};
/// use tokio_util::sync::CancellationToken;
///
/// # async fn example() -> Result<(), hiro_channel_sdk::Error> {
/// let options = Options::new("ws://127.0.0.1:18081");
/// run(echo::Echo, &options, || (), CancellationToken::new()).await
/// # }
/// ```
pub async fn run<C: Channel>(
    mut channel: C,
    options: &Options,
    on_registered: impl FnOnce() + Send,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    let mut announcement = Some(on_registered);
    let mut patience = Patience::new(options.give_up_after, Instant::now());
    loop {
        let mut accepted = false;
        let on_accepted = || {
            accepted = true;
            announcement.take().into_iter().for_each(|announce| announce());
        };
        match attempt(&mut channel, options, on_accepted, &shutdown).await {
            Ending::Finished | Ending::ShutDown => return Ok(()),
            Ending::Refused { reason } => {
                return Err(Error::Refused { name: channel.description().name, reason });
            }
            Ending::Lost { error } => tracing::warn!(%error, "not connected to the server"),
        }
        let Some(delay) = patience.lost(accepted, Instant::now()) else {
            return Err(Error::ServerGone { url: options.hiro_ws.clone() });
        };
        tokio::select! {
            () = shutdown.cancelled() => return Ok(()),
            () = sleep(delay) => {}
        }
    }
}

async fn attempt<C: Channel>(
    channel: &mut C,
    options: &Options,
    on_accepted: impl FnOnce() + Send,
    shutdown: &CancellationToken,
) -> Ending {
    let connected = tokio::select! {
        connected = socket::connect(&options.hiro_ws) => connected,
        () = shutdown.cancelled() => return Ending::ShutDown,
    };
    match connected {
        Ok(socket) => serve(socket, channel, options.token.as_deref(), on_accepted, shutdown).await,
        Err(error) => Ending::Lost { error },
    }
}

/// How long to go on without a server.
struct Patience {
    backoff: Backoff,
    give_up_after: Option<Duration>,
    heard_last: Instant,
}

impl Patience {
    fn new(give_up_after: Option<Duration>, now: Instant) -> Self {
        Self { backoff: Backoff::new(FIRST_DELAY, LONGEST_DELAY), give_up_after, heard_last: now }
    }

    /// The delay before the next try; none when it was the last. `accepted` says whether the connection that was
    /// lost at `now` had done its job.
    fn lost(&mut self, accepted: bool, now: Instant) -> Option<Duration> {
        if accepted {
            self.backoff.succeeded();
            self.heard_last = now;
        }
        let delay = self.backoff.failed();
        match self.give_up_after {
            // The last try comes when the time is up, not long after it.
            Some(limit) => {
                let left = limit.saturating_sub(now - self.heard_last);
                (!left.is_zero()).then(|| delay.min(left))
            }
            None => Some(delay),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_gives_up_when_it_has_not_heard_of_a_server_for_too_long() {
        let start = Instant::now();
        let mut patience = Patience::new(Some(Duration::from_secs(60)), start);
        assert_eq!(patience.lost(true, start), Some(FIRST_DELAY));
        assert_eq!(patience.lost(false, start + Duration::from_secs(50)), Some(FIRST_DELAY * 2));
        assert_eq!(patience.lost(false, start + Duration::from_secs(59)), Some(Duration::from_secs(1)));
        assert_eq!(patience.lost(true, start + Duration::from_secs(61)), Some(FIRST_DELAY));
        assert_eq!(patience.lost(false, start + Duration::from_secs(121)), None);
    }

    #[test]
    fn without_a_limit_a_plugin_never_gives_up() {
        let start = Instant::now();
        let mut patience = Patience::new(None, start);
        assert!(patience.lost(false, start + Duration::from_secs(1_000_000)).is_some());
    }
}
