//! The commands about devices.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use hirogateway::cli::Output;
use hirogateway::report::columns;
use serde_json::json;

use super::arguments::Which;
use crate::context::Context;
use crate::tools::devices::{self, PairedDevice, PairingCode, Revoked};
use crate::tools::workspaces;

#[derive(Debug, Subcommand)]
pub(super) enum DeviceCommand {
    /// Let a new device in: print a code that it can pair with once
    Add(Add),
    /// List the paired devices
    List(Which),
    /// Take a device's right to talk to the server away
    Revoke {
        /// The device, as `device list` names it
        device_id: String,
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Debug, Args)]
pub(super) struct Add {
    #[command(flatten)]
    which: Which,
    /// How long the code holds [default: as configured]
    #[arg(long, value_name = "SECONDS")]
    ttl_seconds: Option<u64>,
    /// How many digits it has [default: as configured]
    #[arg(long, value_name = "DIGITS")]
    code_length: Option<u64>,
}

pub(super) fn run(context: &Context, command: &DeviceCommand, output: Output) -> anyhow::Result<ExitCode> {
    match command {
        DeviceCommand::Add(Add { which, ttl_seconds, code_length }) => {
            let workspace = workspaces::resolve(context, which.workspace())?;
            let code = devices::add(&workspace, *code_length, *ttl_seconds)?;
            output.result(&code, &added(&code))
        }
        DeviceCommand::List(which) => {
            let all = devices::list(&workspaces::resolve(context, which.workspace())?)?;
            output.result(&json!({"devices": all}), &table(&all))
        }
        DeviceCommand::Revoke { device_id, which } => {
            let revoked = devices::revoke(&workspaces::resolve(context, which.workspace())?, device_id)?;
            output.result(&revoked, &gone(&revoked))
        }
    }
}

fn added(PairingCode { code, expires_at, gateway_url }: &PairingCode) -> String {
    format!(
        "Pairing code created\n  gateway   : {gateway_url}\n  code      : {code}\n  expires_at: {expires_at}"
    )
}

fn table(all: &[PairedDevice]) -> String {
    if all.is_empty() {
        return "No devices are paired: `hiro device add` lets one in.".to_owned();
    }
    let row = |device: &PairedDevice| {
        [
            device.device_name.clone().unwrap_or_else(|| "-".to_owned()),
            device.device_id.clone(),
            device.paired_at.clone(),
            device.expires_at.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    columns(["NAME", "DEVICE", "PAIRED", "EXPIRES"], &rows)
}

fn gone(revoked: &Revoked) -> String {
    match revoked.removed {
        true => format!("Revoked device {}.", revoked.device_id),
        false => format!("Device not found: {}", revoked.device_id),
    }
}
