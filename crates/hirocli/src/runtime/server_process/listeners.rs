//! The two ports of a server. One that is taken is an error that names the holder.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use hiro_process::port_taken;

use crate::Error;
use crate::server::Listeners;
use crate::workspace::WorkspaceConfig;

/// Ports that are bound, before there is a runtime.
#[derive(Debug)]
pub(super) struct Bound {
    http: TcpListener,
    plugins: TcpListener,
}

/// Binds what the configuration says; the plugins' port on the loopback interface, always.
pub(super) fn bind(config: &WorkspaceConfig) -> Result<Bound, Error> {
    Ok(Bound {
        http: listen(config.http_address()?)?,
        plugins: listen((Ipv4Addr::LOCALHOST, config.plugin_port).into())?,
    })
}

fn listen(address: SocketAddr) -> Result<TcpListener, Error> {
    if let Ok(listener) = bind_one(address) {
        return Ok(listener);
    }
    match port_taken(address) {
        Some(taken) => Err(Error::Process(hiro_process::Error::PortTaken(taken))),
        // Whoever had it for a moment only looked whether it is free.
        None => bind_one(address).map_err(|source| Error::PortUnusable { address, source }),
    }
}

fn bind_one(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

impl Bound {
    /// The same in the runtime of the caller.
    pub(super) fn into_listeners(self) -> Result<Listeners, Error> {
        let adopt = |listener| {
            tokio::net::TcpListener::from_std(listener).map_err(|source| Error::NoRuntime { source })
        };
        Ok(Listeners { http: adopt(self.http)?, plugins: adopt(self.plugins)? })
    }
}
