//! One channel plugin as a child of the server, and where the plugins of a workspace are found.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hiro_process::{Instance, Launch, ProcessWatch, StopOptions, get_status};
use hirogateway::InstanceName;
use hirogateway::report::Kind;

use super::Launcher;
use super::command::Command;
use crate::Error;
use crate::channels::PLUGIN_STOP;
use crate::database::{ChannelPlugin, Database};
use crate::runtime::supervision::{Child, Roster, Rules};
use crate::server::RULES;

/// How long a plugin may take to end by itself once its socket is closed after `channel.stop`.
const OWN_END: Duration = Duration::from_millis(1500);

/// One channel plugin, as its row was when it was read.
#[derive(Debug)]
pub(super) struct ChannelChild {
    launcher: Arc<Launcher>,
    name: InstanceName,
    called: String,
    instance: Instance,
    command: Command,
    rules: Rules,
}

/// The plugins of one workspace.
#[derive(Debug)]
pub(super) struct ChannelRoster {
    pub(super) launcher: Arc<Launcher>,
}

impl ChannelChild {
    pub(super) fn new(
        launcher: Arc<Launcher>,
        name: InstanceName,
        row: &ChannelPlugin,
    ) -> Result<Self, Error> {
        Ok(Self {
            called: launcher.called(name.as_str()),
            instance: launcher.channels.instance(&name)?,
            command: Command::of(row),
            rules: rules(row),
            launcher,
            name,
        })
    }
}

/// Rules that can't be understood are no reason to leave a plugin alone.
fn rules(row: &ChannelPlugin) -> Rules {
    let written = row.config.get(RULES).map(Rules::from_json);
    written.unwrap_or_else(|| Ok(Rules::default())).unwrap_or_else(|error| {
        tracing::warn!(name = %row.name, %error, "the usual rules are taken");
        Rules::default()
    })
}

impl Child for ChannelChild {
    fn name(&self) -> &str {
        &self.called
    }

    fn instance(&self) -> &Instance {
        &self.instance
    }

    fn launch(&self) -> Result<Launch, Error> {
        self.launcher.launch(&self.name, &self.command)
    }

    fn rules(&self) -> Rules {
        self.rules
    }

    fn stop_options(&self) -> StopOptions {
        PLUGIN_STOP
    }

    fn silence(&self) -> Option<Duration> {
        Some(self.launcher.silence)
    }

    fn is_heard(&self) -> bool {
        self.launcher.access.registered.names().iter().any(|name| name == self.name.as_str())
    }

    fn stderr_limit(&self) -> u64 {
        self.launcher.stderr_limit
    }

    fn ask_to_end(&self) {
        if self.launcher.access.registered.stop(self.name.as_str()) {
            self.launcher.wait_for_ends(&[self.name.to_string()]);
        }
    }
}

impl Roster for ChannelRoster {
    fn find(&self, name: &str) -> Result<Option<Arc<dyn Child>>, Error> {
        let Some(name) = name.strip_prefix(&self.launcher.called("")) else { return Ok(None) };
        let Ok(plain) = name.parse::<InstanceName>() else { return Ok(None) };
        let database = Database::open(&self.launcher.workspace)?;
        match database.channel_plugin(name)? {
            None => Ok(None),
            Some(row) if !row.enabled => Err(Error::ChannelDisabled { name: name.to_owned() }),
            Some(row) => Ok(Some(Arc::new(ChannelChild::new(self.launcher.clone(), plain, &row)?))),
        }
    }
}

impl Launcher {
    /// Waits for the ends of plugins that were told to stop, for a bounded time all together.
    pub(super) fn wait_for_ends(&self, names: &[String]) {
        let deadline = Instant::now() + OWN_END;
        for name in names {
            let instance =
                name.parse::<InstanceName>().ok().and_then(|name| self.channels.instance(&name).ok());
            let Some(instance) = instance else { continue };
            if let Some(run) = get_status(&instance).run() {
                // Whatever comes of it: the stop that follows looks for itself.
                let _ = ProcessWatch::open(&instance, &run.identity)
                    .and_then(|watch| watch.wait_for_end(deadline.saturating_duration_since(Instant::now())));
            }
        }
    }

    /// How statuses call the channel `name`.
    pub(super) fn called(&self, name: &str) -> String {
        Kind::Channel.instance_name(&format!("{}/{name}", self.workspace_name))
    }
}
