//! Keeps children of the server running, whatever they are: starts them, notices their end at once, starts them again
//! by their rules, and gives up on one that only crashes.
//!
//! What to do is decided in [`machine`], a pure function; a [`Team`] has a keeper for each [`Child`]. What a child is, a
//! channel plugin or any other program, is the business of its [`Roster`].

mod child;
mod end;
mod keeper;
mod log_bound;
pub mod machine;
mod order;
mod pauses;
mod rules;
mod team;
mod watch;

pub use child::{Child, Roster};
pub use log_bound::STDERR_LIMIT;
pub use rules::{RestartPolicy, Rules, RulesError};
pub use team::Team;
pub(in crate::runtime) use watch::tell_end;

pub(crate) use end::Ended;
pub(crate) use keeper::jitter;
