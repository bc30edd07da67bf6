//! The relay over real sockets, as its peers see it.

mod gateway;
mod keepalive;
mod limits;
mod login;
mod pairing;
mod passing_on;
mod peer;
mod shutdown;
mod state;
