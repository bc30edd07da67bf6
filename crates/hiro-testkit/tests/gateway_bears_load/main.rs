//! The real gateway under what a whole network can do to it: thousands of connections at once, and the same things over
//! and over again. What it does is read from its metrics; what it takes, from the system.
//!
//! POSIX only: under Wine a process's memory is Wine's, too.

#![cfg(unix)]

mod scene;
mod soak;
mod strangers;
