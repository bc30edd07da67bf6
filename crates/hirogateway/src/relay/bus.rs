//! The bus between several gateway nodes that stand for one gateway: what one node tells the others, over NATS.
//!
//! Each node knows who is connected where, so that a frame goes to the one node that has its recipient. Nodes write
//! each other numbered letters: a gap shows what was lost, a repetition is dropped, and after either the node asks the
//! other for everything anew. Frames are passed on once at most: what a broken bus loses is counted, never repeated.

mod letter;
mod link;
mod peers;
mod post;

pub(super) use letter::{Letter, NodeId, RemoteMember};
pub(super) use link::Link;
pub(super) use post::{Address, Bus, Post, channel};
