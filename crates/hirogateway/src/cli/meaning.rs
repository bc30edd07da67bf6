//! What was typed, in the terms of the service.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use hiro_process::{StartOptions, StopOptions};

use super::arguments::{Create, How, RuntimeName, RuntimeOption, Start, Stop, Update, Which};
use crate::error::GatewayError;
use crate::foreground::ForegroundOptions;
use crate::registry::NewInstance;
use crate::runtime::RuntimeChoice;
use crate::service::{Changes, Setup, StartRequest};

impl Which {
    pub(super) fn name(&self) -> Option<&str> {
        self.positional.as_deref().or(self.option.as_deref())
    }
}

impl How {
    pub(super) fn request(&self) -> Result<StartRequest, GatewayError> {
        let deadline = Duration::from_secs(self.timeout.into());
        Ok(StartRequest {
            verbose: self.verbose,
            log_dir: self.log_dir.clone().map(absolute).transpose()?,
            metrics_port: self.metrics.port,
            metrics_host: self.metrics.host.clone(),
            bus: self.bus.clone(),
            patience: StartOptions { deadline, ..StartOptions::default() },
        })
    }
}

impl Start {
    pub(super) fn options(&self) -> ForegroundOptions {
        ForegroundOptions {
            verbose: self.how.verbose,
            console: !self.background,
            log_dir: self.how.log_dir.clone(),
            metrics_port: self.how.metrics.port,
            metrics_host: self.how.metrics.host.clone(),
            bus: self.how.bus.clone(),
        }
    }
}

impl Stop {
    pub(super) fn patience(&self) -> StopOptions {
        StopOptions { grace: Duration::from_secs(self.grace.into()), ..StopOptions::default() }
    }
}

impl RuntimeOption {
    fn choice(&self) -> Result<Option<RuntimeChoice>, GatewayError> {
        Ok(match (self.runtime, &self.workspace_dir) {
            (None, _) => None,
            (Some(RuntimeName::Native), _) => Some(RuntimeChoice::Native),
            (Some(RuntimeName::Uv), Some(folder)) => Some(RuntimeChoice::uv_at(folder)?),
            (Some(RuntimeName::Uv), None) => {
                let here = env::current_dir().map_err(no_current_folder)?;
                Some(RuntimeChoice::uv_at(&here)?)
            }
        })
    }
}

impl Create {
    pub(super) fn setup(&self) -> Result<Setup, GatewayError> {
        if self.autostart && self.elevated_task {
            return Err(GatewayError::ElevatedTask);
        }
        let instance = NewInstance {
            name: self.name.clone(),
            host: self.host.clone(),
            port: self.port.into(),
            path: self.path.clone(),
        };
        Ok(Setup {
            log_dir: self.log_dir.clone(),
            runtime: self.runtime.choice()?,
            make_default: self.set_default,
            autostart: self.autostart.then_some(true),
            ..Setup::new(instance, &self.desktop_pubkey)
        })
    }
}

impl Update {
    pub(super) fn changes(&self) -> Result<Changes, GatewayError> {
        Ok(Changes {
            desktop_public_key: self.desktop_pubkey.clone(),
            log_dir: self.log_dir.clone(),
            runtime: self.runtime.choice()?,
            metrics_port: self.metrics.port,
            metrics_host: self.metrics.host.clone(),
            autostart: self.autostart_wish(),
        })
    }

    fn autostart_wish(&self) -> Option<bool> {
        (self.autostart || self.no_autostart).then_some(self.autostart)
    }
}

/// A background gateway has another current folder.
fn absolute(path: PathBuf) -> Result<PathBuf, GatewayError> {
    std::path::absolute(path).map_err(no_current_folder)
}

fn no_current_folder(source: std::io::Error) -> GatewayError {
    GatewayError::System { action: "find the current folder", source }
}
