//! The relay over real sockets, as its peers see it.

mod bad_input;
mod floods;
mod gateway;
mod keepalive;
mod limits;
mod log;
mod login;
mod pairing;
mod passing_on;
mod peer;
mod several_nodes;
mod shutdown;
mod slow_readers;
mod state;
mod tls;
mod until;
