//! Whether two files are one: a stable Rust tells no file's number here, and its birth comes near enough.

use std::fs::Metadata;

pub(super) fn is_same(one: &Metadata, other: &Metadata) -> bool {
    one.created().ok() == other.created().ok() && other.len() >= one.len()
}
