//! Deletes the files of a workspace that has been removed, and nothing that is anybody else's.
//!
//! A folder that the registry chose is deleted whole. A folder that its owner chose may be their home: there, and
//! wherever another workspace lives inside, only the files that a server writes go.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use hiro_process::Instance;
use hirogateway::store;

use crate::Error;
use crate::channels::Channels;
use crate::tools::server;
use crate::workspace::WorkspaceConfig;

/// What stands in a workspace's folder besides its instances, by this program's doing or by Python's.
const FILES: [&str; 11] = [
    "api_token",
    "config.json",
    "runtime.json",
    "state.json",
    "pairing_session.json",
    "preferences.json",
    "services.json",
    "supervision.json",
    "workspace.db",
    "data/data.db",
    "channels/owner.lock",
];

/// How files end that stand beside those.
const BESIDE: [&str; 5] = ["", ".lock", "-wal", "-shm", "-journal"];

/// The folders that are empty then, or hold what is not ours.
const FOLDERS: [&str; 6] = ["channels", "services", "logs", "data/media", "data", ""];

/// Deletes what the workspace in `folder` leaves; `others` are the folders of those that remain.
pub(super) fn purge<'a>(
    data: &Path,
    folder: &Path,
    mut others: impl Iterator<Item = &'a Path>,
) -> Result<(), Error> {
    if is_own(data, folder) && !others.any(|other| other.starts_with(folder)) {
        return tolerating(fs::remove_dir_all(folder), folder, &[]);
    }
    for file in own_files(folder)? {
        tolerating(fs::remove_file(&file), &file, &[])?;
    }
    for emptied in FOLDERS.map(|name| if name.is_empty() { folder.to_owned() } else { folder.join(name) }) {
        tolerating(fs::remove_dir(&emptied), &emptied, &[ErrorKind::DirectoryNotEmpty])?;
    }
    Ok(())
}

/// Whether nobody but the registry can have chosen it.
fn is_own(data: &Path, folder: &Path) -> bool {
    folder.file_name().is_some() && folder.parent() == Some(&data.join("workspaces"))
}

fn own_files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let config = WorkspaceConfig::load(folder).unwrap_or_default();
    let channels = Channels::of(folder);
    let named = FILES.map(|name| folder.join(name));
    let mut files: Vec<PathBuf> = named.iter().flat_map(|file| BESIDE.map(|end| with(file, end))).collect();
    files.extend(Some(config.master_key_path(folder)).filter(|key| key.starts_with(folder)));
    files.extend(of_instance(&server::instance(folder)?));
    files.extend(with_old_ones(folder.join("stderr.log")));
    files.extend(
        ["server.log", "cli.log"].into_iter().flat_map(|log| with_old_ones(folder.join("logs").join(log))),
    );
    for name in channels.known()? {
        files.extend(with_old_ones(folder.join("logs").join(format!("channel-{name}.log"))));
    }
    for kind in ["channels", "services"] {
        files.extend(of_instances_in(&folder.join(kind)));
    }
    Ok(files)
}

/// The files of the instances that were started in `folder` at some time: each leaves the one or the other of two.
fn of_instances_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| {
        let file = entry.file_name().into_string().ok()?;
        Some(file.strip_suffix(".control").unwrap_or(&file).strip_suffix(".pid")?.to_owned())
    });
    let instances = names.filter_map(|name| {
        let instance = Instance::new(folder.join(format!("{name}.pid"))).ok()?;
        Some((of_instance(&instance), with_old_ones(folder.join(format!("{name}.stderr.log")))))
    });
    instances.flat_map(|(files, logs)| files.into_iter().chain(logs)).collect()
}

fn of_instance(instance: &Instance) -> [PathBuf; 6] {
    [
        instance.pid_file().to_owned(),
        instance.record_file(),
        instance.exit_file(),
        instance.shim_file(),
        instance.control_file(),
        instance.lock_file(),
    ]
}

fn with_old_ones(log: PathBuf) -> Vec<PathBuf> {
    let old = (1..).map(|number| with(&log, &format!(".{number}"))).take_while(|log| log.exists());
    let old: Vec<PathBuf> = old.collect();
    std::iter::once(log).chain(old).collect()
}

fn with(file: &Path, end: &str) -> PathBuf {
    if end == ".lock" {
        return store::lock_file(file);
    }
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// What has gone already, or may stay for one of the reasons `also`, is no failure.
fn tolerating(deleted: io::Result<()>, path: &Path, also: &[ErrorKind]) -> Result<(), Error> {
    match deleted {
        Err(source) if source.kind() != ErrorKind::NotFound && !also.contains(&source.kind()) => {
            Err(Error::Io { action: "delete", path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}
