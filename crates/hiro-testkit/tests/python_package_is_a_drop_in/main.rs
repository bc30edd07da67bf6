//! The Python package in a real interpreter: it does what `hiro_commons.process` does, by the three rules, and without the
//! faults.
//!
//! POSIX only: the Windows programs of this workspace are tried under Wine, which has no Python.

#![cfg(unix)]

mod announcing;
mod looking;
mod published;
mod scene;
mod spawning;
mod stopping;
