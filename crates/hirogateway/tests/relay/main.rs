//! The relay over real sockets, as its peers see it.

mod gateway;
mod keepalive;
mod limits;
mod login;
#[cfg(unix)]
mod nats;
mod pairing;
mod passing_on;
mod peer;
mod several_nodes;
mod shutdown;
mod state;
