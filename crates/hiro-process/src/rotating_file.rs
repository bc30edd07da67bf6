//! A log file of rows that its writer puts aside when it has grown large: every file begins with the header, and a row is
//! in one file. What stands in a row is the caller's business; stderr logs have no rows, see [`put_aside`].
//!
//! A log that can't be put aside, or not be written, never keeps a program from its work: it grows, or the row is lost.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::files;
use crate::stderr_log::{Rotation, put_aside};

/// A log file that rows are appended to, each with one call of `write`.
#[derive(Debug)]
pub struct RotatingFile {
    path: PathBuf,
    /// The first line of every file.
    header: &'static str,
    rotation: Rotation,
    /// Absent only where it could not be opened again: the next row tries it anew.
    file: Option<File>,
    size: u64,
    /// The size at which it is put aside.
    due: u64,
}

impl RotatingFile {
    /// 10 MiB, 5 kept: what the Python packages do with their logs.
    pub const USUAL: Rotation = Rotation { largest_bytes: 10 << 20, kept: 5 };

    /// Opens the log at `path`, for its owner alone, and creates its folder when that is missing.
    ///
    /// # Errors
    /// What the operating system says of the folder or the file.
    pub fn open(path: &Path, header: &'static str, rotation: Rotation) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            files::create_private_dir(folder)?;
        }
        let due = rotation.largest_bytes;
        let mut log = Self { path: path.to_owned(), header, rotation, file: None, size: 0, due };
        log.reopen()?;
        Ok(log)
    }

    fn reopen(&mut self) -> io::Result<&mut File> {
        let mut file = files::open_append(&self.path)?;
        self.size = file.metadata()?.len();
        if self.size == 0 {
            writeln!(file, "{}", self.header)?;
            self.size = self.header_size();
        }
        Ok(self.file.insert(file))
    }

    fn header_size(&self) -> u64 {
        self.header.len() as u64 + 1
    }

    /// Windows renames no file that is open, so it is closed first.
    fn put_aside(&mut self) {
        self.file = None;
        self.due = match put_aside(&self.path, self.rotation.kept) {
            Ok(()) => self.rotation.largest_bytes,
            // Somebody reads an old one, say. Not tried again at every row.
            Err(_) => self.size + self.rotation.largest_bytes / 10 + 1,
        };
    }
}

impl Write for RotatingFile {
    fn write(&mut self, row: &[u8]) -> io::Result<usize> {
        if self.size > self.header_size() && self.size + row.len() as u64 > self.due {
            self.put_aside();
        }
        let file = match &mut self.file {
            Some(file) => file,
            None => self.reopen()?,
        };
        file.write_all(row)?;
        self.size += row.len() as u64;
        Ok(row.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::{RotatingFile, Rotation};

    const HEADER: &str = "timestamp,level,module,message,extra";

    #[test]
    fn every_file_begins_with_the_header_and_only_so_many_old_ones_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs").join("gateway.log");
        let rotation = Rotation { largest_bytes: 60, kept: 2 };
        let mut log = RotatingFile::open(&path, HEADER, rotation).unwrap();
        for row in 0..5 {
            writeln!(log, "a row of some length {row}").unwrap();
        }
        let text = |suffix: &str| fs::read_to_string(format!("{}{suffix}", path.display())).ok();
        let file = |row: u32| Some(format!("{HEADER}\na row of some length {row}\n"));
        assert_eq!((text(""), text(".1"), text(".2"), text(".3")), (file(4), file(3), file(2), None));
    }

    #[test]
    fn a_log_that_is_there_is_continued_without_a_second_header() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.log");
        for row in ["one", "two"] {
            let mut log = RotatingFile::open(&path, HEADER, RotatingFile::USUAL).unwrap();
            writeln!(log, "{row}").unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{HEADER}\none\ntwo\n"));
    }

    #[test]
    fn a_log_that_can_not_be_put_aside_grows_and_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.log");
        fs::create_dir_all(folder.path().join("gateway.log.1").join("in the way")).unwrap();
        let rotation = Rotation { largest_bytes: 50, kept: 1 };
        let mut log = RotatingFile::open(&path, HEADER, rotation).unwrap();
        for row in 0..4 {
            writeln!(log, "a row of some length {row}").unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 5);
    }
}
