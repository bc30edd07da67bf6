//! `/health`: whether the gateway does its job, for people and for whoever restarts it when it doesn't.

use serde::Serialize;

use super::{Moment, Observed};
use crate::report::SCHEMA;

#[derive(Serialize)]
struct Health<'a> {
    schema: u32,
    ready: bool,
    instance: &'a str,
    version: &'static str,
    pid: u32,
    uptime_seconds: f64,
    desktop_connected: bool,
    last_connected: Option<&'a str>,
}

/// The JSON of `/health`.
pub(super) fn text(gateway: &Observed, now: &Moment) -> String {
    let health = Health {
        schema: SCHEMA,
        ready: now.ready,
        instance: &gateway.instance,
        version: env!("CARGO_PKG_VERSION"),
        pid: std::process::id(),
        uptime_seconds: (now.uptime.as_secs_f64() * 1e3).round() / 1e3,
        desktop_connected: now.state.desktop_connected,
        last_connected: now.state.last_connected.as_deref(),
    };
    serde_json::to_string(&health).expect("texts and finite numbers are JSON")
}
