//! Text as Windows takes it: UTF-16 with a null at the end; long paths in the form that has no length limit.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::path::{Component, Path, PathBuf, Prefix};

use windows_sys::Win32::Storage::FileSystem::GetShortPathNameW;

use super::handle::done;

/// From this length on some calls refuse a plain path: a folder's has to leave room for a file name of 8.3.
const LONGEST_PLAIN: usize = 240;

/// `text` with a null at the end; one within is refused, because what follows it would be lost.
pub(super) fn text(text: &OsStr) -> io::Result<Vec<u16>> {
    let mut units: Vec<u16> = text.encode_wide().collect();
    if units.contains(&0) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a null character in a text for Windows"));
    }
    units.push(0);
    Ok(units)
}

/// `path`, absolute, with a null at the end.
pub(super) fn path(path: &Path) -> io::Result<Vec<u16>> {
    let path = std::path::absolute(path)?;
    if path.as_os_str().encode_wide().count() < LONGEST_PLAIN {
        return text(path.as_os_str());
    }
    text(verbatim(&path).as_os_str())
}

/// `path` as a working directory, with a null at the end. Windows takes none with a long path, in whatever form, but
/// the short names that it keeps for the folders on most volumes.
pub(super) fn working_directory(path: &Path) -> io::Result<Vec<u16>> {
    let path = std::path::absolute(path)?;
    let long = text(verbatim(&path).as_os_str())?;
    if long.len() < LONGEST_PLAIN {
        return text(path.as_os_str());
    }
    let mut short = vec![0_u16; long.len()];
    let room = u32::try_from(short.len()).map_err(io::Error::other)?;
    // SAFETY: the long path ends in a null, and `short` has `room` units.
    done(unsafe { GetShortPathNameW(long.as_ptr(), short.as_mut_ptr(), room) }.cast_signed())?;
    let short = read(&short);
    text(plain(&short.to_string_lossy()).as_ref())
}

/// Without what [`verbatim`] puts before it.
fn plain(path: &str) -> String {
    match path.strip_prefix(r"\\?\UNC\") {
        Some(share) => format!(r"\\{share}"),
        None => path.strip_prefix(r"\\?\").unwrap_or(path).to_owned(),
    }
}

/// The text before the first null.
pub(super) fn read(units: &[u16]) -> OsString {
    let length = units.iter().position(|unit| *unit == 0).unwrap_or(units.len());
    OsString::from_wide(&units[..length])
}

/// An absolute path behind `\\?\`, where it has a form that this can stand before.
fn verbatim(path: &Path) -> PathBuf {
    let Some(Component::Prefix(prefix)) = path.components().next() else { return path.to_owned() };
    let mut long = match prefix.kind() {
        Prefix::Disk(_) => {
            let mut long = OsString::from(r"\\?\");
            long.push(prefix.as_os_str());
            long
        }
        Prefix::UNC(server, share) => {
            let mut long = OsString::from(r"\\?\UNC\");
            long.push(server);
            long.push(r"\");
            long.push(share);
            long
        }
        _ => return path.to_owned(),
    };
    for component in path.components().skip(1) {
        match component {
            Component::RootDir => {}
            other => {
                long.push(r"\");
                long.push(other.as_os_str());
            }
        }
    }
    long.into()
}

#[cfg(test)]
mod tests {
    use super::{path, plain, text, verbatim};
    use std::ffi::OsStr;
    use std::path::Path;

    #[test]
    fn a_long_path_has_its_form_without_limit_and_a_short_one_stays() {
        assert_eq!(verbatim(Path::new(r"C:\a b\ü.pid")), Path::new(r"\\?\C:\a b\ü.pid"));
        assert_eq!(verbatim(Path::new(r"\\server\share\a\b")), Path::new(r"\\?\UNC\server\share\a\b"));
        assert_eq!(verbatim(Path::new(r"\\?\C:\a")), Path::new(r"\\?\C:\a"));
        assert_eq!(path(Path::new(r"C:\a")).unwrap(), text(OsStr::new(r"C:\a")).unwrap());
    }

    #[test]
    fn a_plain_path_is_what_stood_behind_the_prefix() {
        for (long, short) in
            [(r"\\?\C:\a", r"C:\a"), (r"\\?\UNC\server\share\a", r"\\server\share\a"), (r"C:\a", r"C:\a")]
        {
            assert_eq!(plain(long), short);
        }
    }

    #[test]
    fn a_null_character_within_is_refused() {
        assert!(text(OsStr::new("a\0b")).is_err());
    }
}
