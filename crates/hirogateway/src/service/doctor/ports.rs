//! The checks of where an instance listens: whether the ports are free or its own, and who can reach them.

use std::net::SocketAddr;

use hiro_process::{State, is_served_by, port_taken};

use super::{Finding, failed, ok, warning, wrong};
use crate::settings::Settings;

pub(super) fn examine(settings: &Settings, state: &State) -> Vec<(&'static str, Finding)> {
    let mut found = Vec::new();
    match settings.address() {
        Ok(address) => {
            found.push(("port", port(address, state)));
            found.extend(exposure(settings, address).map(|finding| ("exposure", finding)));
        }
        Err(error) => found.push(("port", failed(&error))),
    }
    match settings.metrics_address() {
        Ok(None) => {}
        Ok(Some(address)) => found.push(("metrics", metrics(address, state))),
        Err(error) => found.push(("metrics", failed(&error))),
    }
    found
}

fn port(address: SocketAddr, state: &State) -> Finding {
    let port = address.port();
    match state {
        State::Ready(run) if is_served_by(address, run) => ok(format!("port {port} is its own")),
        // Its own, but the operating system does not tell who listens.
        State::Ready(_) => ok(format!("it says that it listens on port {port}")),
        State::Starting(_) | State::Stopping(_) => {
            warning(format!("port {port} is not looked at while it starts or stops"), "ask again in a moment")
        }
        _ => match port_taken(address) {
            Some(taken) => wrong(taken.to_string(), "stop that program, or choose another port"),
            None => ok(format!("port {port} is free")),
        },
    }
}

fn metrics(address: SocketAddr, state: &State) -> Finding {
    if !address.ip().is_loopback() {
        let message = format!("other machines can read the metrics on `{address}`");
        return warning(
            message,
            "nobody has to log in for them; leave `--metrics-host` out unless that is meant",
        );
    }
    port(address, state)
}

/// Nothing to say where only this machine reaches it.
fn exposure(settings: &Settings, address: SocketAddr) -> Option<Finding> {
    if !settings.is_exposed(address) {
        return None;
    }
    let message = format!("it listens on `{address}`, where other machines reach it, without TLS");
    Some(warning(
        message,
        "name a certificate and its key (`tls_cert`, `tls_key` in `config.json`), or have it listen on 127.0.0.1",
    ))
}
