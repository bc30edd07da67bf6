//! A device of a person, behind the real gateway, and whoever answers it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod agent;
mod device;
mod pairing;
