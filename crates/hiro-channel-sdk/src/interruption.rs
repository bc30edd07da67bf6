//! The request to stop that a plain program gets: a signal, or what the operating system has in its place.
//!
//! An instance has more than that, and hears of it from `hiro-process`.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::wait;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::wait;
