//! A log file that is put aside at 10 MiB, of which five old ones are kept, as the Python packages do. Every file begins
//! with the header, and a row is in one file.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use hiro_process::{files, put_aside};

use super::row::HEADER;

const LARGEST_BYTES: u64 = 10 << 20;
const KEPT: u32 = 5;

/// Rows are appended, each with one call of `write`.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    /// Absent only where it could not be opened again: the next row tries it anew.
    file: Option<File>,
    size: u64,
    /// The size at which it is put aside.
    due: u64,
}

impl LogFile {
    /// Opens the log at `path`, and creates its folder when that is missing.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            files::create_private_dir(folder)?;
        }
        let mut log = Self { path: path.to_owned(), file: None, size: 0, due: LARGEST_BYTES };
        log.reopen()?;
        Ok(log)
    }

    fn reopen(&mut self) -> io::Result<&mut File> {
        let mut file = files::open_append(&self.path)?;
        self.size = file.metadata()?.len();
        if self.size == 0 {
            writeln!(file, "{HEADER}")?;
            self.size = HEADER.len() as u64 + 1;
        }
        Ok(self.file.insert(file))
    }

    /// Windows renames no file that is open, so it is closed first.
    fn put_aside(&mut self) {
        self.file = None;
        self.due = match put_aside(&self.path, KEPT) {
            Ok(()) => LARGEST_BYTES,
            // Somebody reads an old one, say. Not tried again at every row.
            Err(_) => self.size + LARGEST_BYTES / 10,
        };
    }
}

impl Write for LogFile {
    fn write(&mut self, row: &[u8]) -> io::Result<usize> {
        if self.size + row.len() as u64 > self.due {
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

    use super::*;

    #[test]
    fn a_log_that_has_grown_large_is_put_aside_and_both_begin_with_the_header() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs").join("channel-lines.log");
        let mut log = LogFile::open(&path).unwrap();
        for text in ["one\n", "two\n", "three\n"] {
            log.due = if text == "three\n" { 0 } else { LARGEST_BYTES };
            log.write_all(text.as_bytes()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{HEADER}\nthree\n"));
        let old = fs::read_to_string(format!("{}.1", path.display())).unwrap();
        assert_eq!(old, format!("{HEADER}\none\ntwo\n"));
    }
}
