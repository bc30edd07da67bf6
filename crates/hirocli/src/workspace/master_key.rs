//! The key by which a workspace's server proves who it is: a PEM file that its owner alone can read.

use std::fs;
use std::io;
use std::path::Path;

use hiro_process::files::{self, Durability};
use hiro_protocol::keys::SecretKey;
use uuid::Uuid;

use crate::Error;

/// Loads the key in the file `path`.
///
/// # Errors
/// When there is no such file, it can't be read, or it holds something else.
pub fn load(path: &Path) -> Result<SecretKey, Error> {
    let pem = fs::read_to_string(path).map_err(|source| io_error("read", path, source))?;
    SecretKey::from_pem(&pem).map_err(|source| Error::InvalidMasterKey { path: path.to_owned(), source })
}

/// Loads the key in the file `path`, or puts a new one there. Whoever does so at the same time gets the same key.
///
/// # Errors
/// When the file can't be read or written, or holds something else; it is never overwritten.
pub fn load_or_create(path: &Path) -> Result<SecretKey, Error> {
    match load(path) {
        Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            create(path)?;
            load(path)
        }
        loaded => loaded,
    }
}

/// A link, unlike a rename, does not replace what is there: the first of two creators wins, and nobody ever sees a
/// part of a key.
fn create(path: &Path) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        files::create_private_dir(folder).map_err(|source| io_error("create the folder", folder, source))?;
    }
    let draft = path.with_file_name(format!(".{}.pem", Uuid::new_v4().simple()));
    files::replace(&draft, SecretKey::generate().to_pem().as_bytes(), Durability::Synced)
        .map_err(|source| io_error("write", &draft, source))?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft).map_err(|source| io_error("remove", &draft, source))?;
    match linked {
        Err(source) if source.kind() != io::ErrorKind::AlreadyExists => Err(io_error("write", path, source)),
        _ => Ok(()),
    }
}

fn io_error(action: &'static str, path: &Path, source: io::Error) -> Error {
    Error::Io { action, path: path.to_owned(), source }
}
