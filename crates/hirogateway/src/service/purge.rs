//! Deletes the files of an instance that has been removed, and nothing that is anybody else's.
//!
//! A folder that the registry chose is deleted whole. A folder that its owner chose may be their home: there, and
//! wherever another instance lives inside, only the files that a gateway writes go.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::process_of;
use crate::config::config_file;
use crate::error::GatewayError;
use crate::log::LOG_FILE;
use crate::registry::InstanceEntry;
use crate::runtime::runtime_file;
use crate::state::state_file;
use crate::store;

/// Deletes what `removed` leaves; `others` are the instances that remain.
pub(super) fn purge(
    data: &Path,
    removed: &InstanceEntry,
    others: &[InstanceEntry],
) -> Result<(), GatewayError> {
    let folder = &removed.path;
    if is_own(data, folder) && !others.iter().any(|other| other.path.starts_with(folder)) {
        return tolerating(fs::remove_dir_all(folder), folder, &[]);
    }
    let logs = folder.join("logs");
    for file in own_files(removed).into_iter().chain(with_old_ones(&logs.join(LOG_FILE))) {
        tolerating(fs::remove_file(&file), &file, &[])?;
    }
    for emptied in [&logs, folder] {
        tolerating(fs::remove_dir(emptied), emptied, &[ErrorKind::DirectoryNotEmpty])?;
    }
    Ok(())
}

/// Whether nobody but the registry can have chosen it.
fn is_own(data: &Path, folder: &Path) -> bool {
    folder.file_name().is_some() && folder.parent() == Some(&data.join("instances"))
}

fn own_files(entry: &InstanceEntry) -> Vec<PathBuf> {
    let process = process_of(entry);
    let mut files = vec![
        config_file(&entry.path),
        store::lock_file(&config_file(&entry.path)),
        runtime_file(&entry.path),
        store::lock_file(&runtime_file(&entry.path)),
        state_file(&entry.path),
        process.record_file(),
        process.exit_file(),
        process.shim_file(),
        process.control_file(),
        process.lock_file(),
    ];
    files.extend(with_old_ones(&process.stderr_log()));
    files
}

fn with_old_ones(log: &Path) -> Vec<PathBuf> {
    let old = (1..).map(|number| PathBuf::from(format!("{}.{number}", log.display())));
    let old = old.take_while(|log| log.exists());
    std::iter::once(log.to_owned()).chain(old).collect()
}

/// What has gone already, or may stay for one of the reasons `also`, is no failure.
fn tolerating(deleted: io::Result<()>, path: &Path, also: &[ErrorKind]) -> Result<(), GatewayError> {
    match deleted {
        Err(error) if error.kind() != ErrorKind::NotFound && !also.contains(&error.kind()) => {
            Err(GatewayError::Delete { path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}
