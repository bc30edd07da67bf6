//! A file of variables: `NAME=VALUE` lines, for what shall stand neither in a command nor in `services.json`.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::ServiceError;
use super::definition::wrong_variable;

#[cfg(not(unix))]
use elsewhere as platform;
#[cfg(unix)]
use unix as platform;

#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod unix;

/// A longer file is none.
const MAX_BYTES: u64 = 256 * 1024;

/// What such a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EnvFile {
    pub(super) variables: Vec<(String, String)>,
    /// Others than its owner can read it.
    pub(super) is_open: bool,
}

/// Reads the file at `path`.
pub(super) fn read(path: &Path) -> Result<EnvFile, ServiceError> {
    let failed = |source| ServiceError::EnvFileUnreadable { path: path.to_owned(), source };
    let bad = |line, reason: String| ServiceError::EnvFile { path: path.to_owned(), line, reason };
    let file = File::open(path).map_err(failed)?;
    let is_open = platform::is_open_to_others(&file).map_err(failed)?;
    let mut text = String::new();
    file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(bad(1, format!("the file is longer than {MAX_BYTES} bytes")));
    }
    let variables = parse(&text).map_err(|(line, reason)| bad(line, reason))?;
    Ok(EnvFile { variables, is_open })
}

/// The variables, or the number of the line that is none and why. Nothing in a value is expanded; quotes around the whole
/// of it go.
fn parse(text: &str) -> Result<Vec<(String, String)>, (usize, String)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let meant = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    meant.map(|(number, line)| variable(line).map_err(|reason| (number, reason))).collect()
}

fn variable(line: &str) -> Result<(String, String), String> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').ok_or("it is not `NAME=VALUE`")?;
    let (name, value) = (name.trim(), unquoted(value.trim()));
    match wrong_variable(name, value) {
        // The value may be a secret: it is not part of what is said.
        Some(reason) => Err(reason),
        None => Ok((name.to_owned(), value.to_owned())),
    }
}

fn unquoted(value: &str) -> &str {
    let inside = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_taken_as_they_stand_and_comments_are_none() {
        let text = "# secrets\n\nA=1\nexport B = \"two words\"\nC='$HOME'\nD=\nE=a=b\nF=\"\n";
        let pairs = parse(text).unwrap();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected = [("A", "1"), ("B", "two words"), ("C", "$HOME"), ("D", ""), ("E", "a=b"), ("F", "\"")];
        assert_eq!(pairs, expected);
    }

    #[test]
    fn a_line_that_is_no_variable_is_named_by_its_number_and_never_quoted() {
        assert_eq!(parse("A=1\nhunter2\n"), Err((2, "it is not `NAME=VALUE`".to_owned())));
        assert_eq!(parse("HIRO_LAUNCH_ID=hunter2").unwrap_err().0, 1);
        assert!(!parse("A B=hunter2").unwrap_err().1.contains("hunter2"));
    }
}
