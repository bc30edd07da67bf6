//! How many descriptors the process may have: every connection takes one.

#[cfg_attr(unix, path = "descriptors/unix.rs")]
#[cfg_attr(not(unix), path = "descriptors/elsewhere.rs")]
mod platform;

pub(crate) use platform::raise_limit;
