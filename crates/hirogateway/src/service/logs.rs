//! Where the logs of an instance are.

use std::io;
use std::path::PathBuf;

use hiro_protocol::log_row::LogRow;

use super::{Gateways, process_of};
use crate::config::{Config, log_folder};
use crate::error::GatewayError;
use crate::log::{LOG_FILE, read_last};

/// Which log is meant.
#[derive(Debug, Clone)]
pub enum LogOf {
    /// The gateway's own; in that folder, where it was told to write it elsewhere than is configured.
    Gateway(Option<PathBuf>),
    /// What it says on stderr.
    Stderr,
}

/// A log, which may not be there yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceLog {
    /// The instance.
    pub instance_name: String,
    /// The file.
    pub path: PathBuf,
}

impl Gateways {
    /// A log of the instance that is meant. A configuration that can't be read is no hindrance: it may be what the log is
    /// asked about.
    ///
    /// # Errors
    /// When there is no such instance.
    pub fn log_of(&self, name: Option<&str>, which: &LogOf) -> Result<InstanceLog, GatewayError> {
        let entry = self.resolve(name)?;
        let configured = || Config::load(&entry.path).map(|config| config.log_dir).unwrap_or_default();
        let path = match which {
            LogOf::Stderr => process_of(&entry).stderr_log(),
            LogOf::Gateway(Some(folder)) => folder.join(LOG_FILE),
            LogOf::Gateway(None) => log_folder(&entry.path, &configured()).join(LOG_FILE),
        };
        Ok(InstanceLog { instance_name: entry.name, path })
    }
}

impl InstanceLog {
    /// The last `count` rows, oldest first.
    ///
    /// # Errors
    /// The file is there and can't be read.
    pub fn last(&self, count: usize) -> io::Result<Vec<LogRow>> {
        read_last(&self.path, count)
    }
}
