//! Whether two files are one: their device and number tell.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

pub(super) fn is_same(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}
