//! The channel instances of a workspace: where each has its files, which there are, and the end of all of them.
//!
//! Who may start and stop them is a matter of [`Ownership`]: the server that lives, or whoever clears up after it.

mod ownership;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use hiro_process::{Instance, StopOptions, Stopped, stop_process};
use hirogateway::InstanceName;

pub use ownership::Ownership;

use crate::Error;
use crate::instance_folder::InstanceFolder;
use crate::workspace::WorkspaceConfig;

/// How long a plugin may take to end before it is killed. Less than the 10 s that clients of the server's own end allow.
const GRACE: Duration = Duration::from_secs(3);

/// How long another stop of the same plugin may take.
const TURN: Duration = Duration::from_secs(1);

/// How patient the stop of a plugin is.
pub(crate) const PLUGIN_STOP: StopOptions = StopOptions { grace: GRACE, turn: TURN };

/// The channel instances of one workspace.
#[derive(Debug, Clone)]
pub struct Channels {
    folder: InstanceFolder,
    plugin_url: Option<String>,
}

/// What became of one channel instance.
#[derive(Debug)]
pub struct Ended {
    /// The channel.
    pub name: String,
    /// What the stop found and did.
    pub outcome: Result<Stopped, hiro_process::Error>,
}

impl Channels {
    /// Those of the workspace in `folder`. A configuration that can't be read is no reason not to find them.
    #[must_use]
    pub fn of(workspace: &Path) -> Self {
        let plugin_url = WorkspaceConfig::load(workspace).ok().map(|config| plugin_url(config.plugin_port));
        Self { folder: InstanceFolder::new(workspace.join("channels")), plugin_url }
    }

    /// The instance of the channel `name`. A PID file that the Python server wrote counts if its process was started
    /// with this workspace's plugin port.
    ///
    /// # Errors
    /// The workspace's folder is relative, and the current folder can't be read.
    pub fn instance(&self, name: &InstanceName) -> Result<Instance, Error> {
        let instance = self.folder.instance(name)?;
        Ok(match &self.plugin_url {
            Some(url) => instance.with_legacy_command(["--hiro-ws", url]),
            None => instance,
        })
    }

    /// Where the channel `name` writes its stderr.
    #[must_use]
    pub fn stderr_log(&self, name: &InstanceName) -> PathBuf {
        self.folder.stderr_log(name)
    }

    /// The channels that were started at some time, by name.
    ///
    /// # Errors
    /// The folder is there and can't be read.
    pub fn known(&self) -> Result<BTreeSet<String>, Error> {
        self.folder.known()
    }

    /// Takes the right to start and stop the channel instances, unless somebody else has it for longer than `patience`.
    ///
    /// # Errors
    /// The lock can't be created.
    pub fn own(&self, patience: Duration) -> Result<Option<Ownership>, Error> {
        Ownership::take(self.folder.path(), patience)
    }

    /// Stops every channel instance that lives or has left something behind, all at the same time.
    ///
    /// # Errors
    /// The folder can't be read; what happened to each instance is in the result.
    pub fn stop_all(&self, _right: &Ownership) -> Result<Vec<Ended>, Error> {
        let mut instances = Vec::new();
        for name in self.known()? {
            if let Ok(plain) = name.parse::<InstanceName>() {
                instances.push((name, self.instance(&plain)?));
            }
        }
        Ok(thread::scope(|scope| {
            let stops: Vec<_> = instances
                .into_iter()
                .map(|(name, instance)| (name, scope.spawn(move || stop_process(&instance, &PLUGIN_STOP))))
                .collect();
            let join = |(name, stop): (String, thread::ScopedJoinHandle<'_, _>)| Ended {
                name,
                outcome: stop.join().expect("a stop doesn't panic"),
            };
            stops.into_iter().map(join).collect()
        }))
    }

    /// Whether there is anything at all.
    pub(crate) fn exist(&self) -> bool {
        self.folder.path().is_dir()
    }
}

/// Where the plugins of a workspace find its server.
#[must_use]
pub fn plugin_url(port: u16) -> String {
    format!("ws://127.0.0.1:{port}")
}
