//! The last rows of a log, from the old files, too, where the current one has too few.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use hiro_process::files::is_replaced;
use hiro_protocol::log_row::LogRow;

/// A line is cut here: no row of a gateway is that long, and a file that is none may have no line break at all.
pub(super) const LONGEST_LINE: u64 = 64 * 1024;

/// The last `count` rows of the log at `path`, oldest first. Of a log that is not there yet, none.
///
/// # Errors
/// The file is there and can't be read.
pub fn read_last(path: &Path, count: usize) -> io::Result<Vec<LogRow>> {
    let current: Vec<LogRow> = last_of(path, count)?.unwrap_or_default().into();
    let mut rows = read_old(path, count - current.len())?;
    rows.extend(current);
    Ok(rows)
}

/// Whatever came and went since `file` was put aside: the rows of the files that are younger, without the current one.
pub(super) fn read_younger(path: &Path, file: &File) -> io::Result<Vec<LogRow>> {
    let mut rows = VecDeque::new();
    for number in 1.. {
        let younger = old(path, number);
        if !younger.exists() {
            // It was not put aside, or is gone by now.
            return Ok(Vec::new());
        }
        if !is_replaced(file, &younger)? {
            break;
        }
        for row in last_of(&younger, usize::MAX)?.into_iter().flatten().rev() {
            rows.push_front(row);
        }
    }
    Ok(rows.into())
}

/// The last `count` rows of the old files.
pub(super) fn read_old(path: &Path, count: usize) -> io::Result<Vec<LogRow>> {
    let mut rows: Vec<LogRow> = Vec::new();
    for number in 1.. {
        let missing = count.saturating_sub(rows.len());
        if missing == 0 {
            break;
        }
        let Some(mut older) = last_of(&old(path, number), missing)? else { break };
        older.extend(rows);
        rows = older.into();
    }
    Ok(rows)
}

fn old(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

fn last_of(path: &Path, count: usize) -> io::Result<Option<VecDeque<LogRow>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let (mut reader, mut rows) = (BufReader::new(file), VecDeque::new());
    while let Some(line) = next_line(&mut reader)? {
        rows.extend(LogRow::parse(&line));
        if rows.len() > count {
            rows.pop_front();
        }
    }
    Ok(Some(rows))
}

/// The next line, or the part of it that is there; `None` at the end.
pub(super) fn next_line(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let mut limited = io::Read::take(&mut *reader, LONGEST_LINE);
    let read = limited.read_until(b'\n', &mut line)?;
    Ok((read > 0).then(|| String::from_utf8_lossy(&line).into_owned()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::read_last;

    #[test]
    fn what_the_current_file_lacks_comes_from_the_old_ones() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.log");
        assert_eq!(read_last(&path, 3).unwrap(), []);
        let row =
            |number: u32| format!("timestamp,level,module,message,extra\n{number}.0,INFO,RELAY,{number},\n");
        fs::write(&path, row(3)).unwrap();
        fs::write(folder.path().join("gateway.log.1"), row(2)).unwrap();
        fs::write(folder.path().join("gateway.log.2"), row(1)).unwrap();
        let messages = |count| {
            let rows = read_last(&path, count).unwrap().into_iter();
            rows.map(|row| row.message).collect::<Vec<_>>()
        };
        assert_eq!(messages(2), ["2", "3"]);
        assert_eq!(messages(9), ["1", "2", "3"]);
        assert_eq!(messages(0), [""; 0]);
    }
}
