//! Whose a file is: its owner's number tells.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

pub(super) fn is_strangers(path: &Path, home: &Path) -> bool {
    let owner = |path| fs::metadata(path).map(|found| found.uid()).ok();
    match (owner(path), owner(home)) {
        (Some(0), _) => false,
        (Some(file), Some(own)) => file != own,
        _ => true,
    }
}
