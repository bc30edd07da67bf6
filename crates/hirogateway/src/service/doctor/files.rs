//! The checks of what lies in an instance's folder: the folder itself, the configuration, the key, the log, TLS.

use std::fs;
use std::path::Path;

use super::{Finding, Outcome, failed, ok, wrong};
use crate::config::{Config, config_file};
use crate::registry::InstanceEntry;
use crate::settings;

#[cfg(unix)]
use posix::is_open_to_others;

pub(super) fn examine(entry: &InstanceEntry) -> Vec<(&'static str, Finding)> {
    let mut found = vec![("folder", folder(&entry.path))];
    match Config::load(&entry.path) {
        Ok(config) => {
            let file = config_file(&entry.path);
            found.push(("config", ok(format!("`{}` can be read", file.display()))));
            found.push(("key", key(&config)));
            found.push(("log", log(&config.log_folder(&entry.path))));
            found.extend(tls(&config, &entry.path).map(|finding| ("tls", finding)));
        }
        Err(error) => found.push(("config", failed(&error))),
    }
    found
}

fn folder(folder: &Path) -> Finding {
    let shown = folder.display();
    match fs::metadata(folder) {
        Ok(found) if !found.is_dir() => wrong(format!("`{shown}` is no folder"), "move it away"),
        Ok(found) if is_open_to_others(&found) => wrong(
            format!("others can write into `{shown}`"),
            format!("take that right away: `chmod go-w '{shown}'`"),
        ),
        Ok(_) => ok(format!("only its owner can write into `{shown}`")),
        Err(error) => wrong(
            format!("`{shown}` can't be looked at: {error}"),
            "`hirogate instance remove NAME`, then `hirogate instance create NAME` make it anew",
        ),
    }
}

fn key(config: &Config) -> Finding {
    match config.desktop_key() {
        Ok(_) => ok("the desktop's public key is valid"),
        Err(error) => {
            wrong(error.to_string(), "`hirogate instance update NAME --desktop-pubkey KEY` sets another")
        }
    }
}

fn log(folder: &Path) -> Finding {
    let shown = folder.display();
    let nearest = folder.ancestors().find(|path| path.exists());
    match nearest.map(fs::metadata) {
        Some(Ok(found)) if found.is_dir() && !found.permissions().readonly() => {
            ok(format!("the log goes to `{shown}`"))
        }
        _ => wrong(
            format!("no log can be written to `{shown}`"),
            "`hirogate instance update NAME --log-dir FOLDER` chooses another folder",
        ),
    }
}

/// Nothing to say where no TLS is configured. The files are read as the gateway reads them.
fn tls(config: &Config, instance_folder: &Path) -> Option<Finding> {
    match settings::tls(config, instance_folder) {
        Ok(None) => None,
        Ok(Some(_)) => Some(ok("the certificate and its private key can be used")),
        Err(error) => Some((
            Outcome::Failed,
            error.with_causes(),
            Some("`tls_cert` and `tls_key` in the configuration name the files".to_owned()),
        )),
    }
}

/// Access lists say that elsewhere; those of a user's own folders name the user alone.
#[cfg(not(unix))]
fn is_open_to_others(_: &fs::Metadata) -> bool {
    false
}

#[cfg(unix)]
mod posix {
    use std::fs::Metadata;
    use std::os::unix::fs::PermissionsExt;

    /// Whether the group, or everybody, can write.
    pub(super) fn is_open_to_others(found: &Metadata) -> bool {
        found.permissions().mode() & 0o022 != 0
    }
}
