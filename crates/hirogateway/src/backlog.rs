//! How many connections may wait to be accepted. Not a limit of ours: what comes when the system's queue is full is
//! not answered, and tries again a second later, whoever it is.

#[cfg_attr(unix, path = "backlog/unix.rs")]
#[cfg_attr(not(unix), path = "backlog/elsewhere.rs")]
mod platform;

pub(crate) use platform::lengthen;
