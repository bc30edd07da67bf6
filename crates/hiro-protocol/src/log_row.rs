//! One row of a log of the gateway, the server or a plugin: `timestamp,level,module,message,extra` in CSV.
//!
//! Pure data: who logs turns an event into a row and opens the file. What is written is one line per row, whatever the text:
//! line breaks would make rows that are none for a reader that goes line by line. What is read may come from the Python
//! package, whose rows with a traceback are no CSV.

use std::fmt::{self, Write};
use std::time::Duration;

use serde::Serialize;

/// The first line of a log file.
pub const HEADER: &str = "timestamp,level,module,message,extra";

/// What takes the place of a line break.
const LINE_BREAK: &str = " | ";

/// One event in a log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogRow {
    /// When, in seconds since the epoch; absent in a line that is no row.
    pub timestamp: Option<f64>,
    /// `DEBUG`, `INFO`, `WARNING`, `ERROR`; the Python package also has `FINEINFO` and `CRITICAL`.
    pub level: String,
    /// The part of the program that says it.
    pub module: String,
    /// What happened.
    pub message: String,
    /// With what: `key=value`, one space between two of them.
    pub extra: String,
}

impl LogRow {
    /// A row that says nothing yet: see [`note`](Self::note). `time` counts from the epoch.
    #[must_use]
    pub fn new(time: Duration, level: &str, module: String) -> Self {
        Self { timestamp: Some(time.as_secs_f64()), level: level.to_owned(), module, ..Self::text("") }
    }

    /// Adds a field: `message` is what happened, every other one stands in `extra`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use hiro_protocol::log_row::LogRow;
    ///
    /// let mut row = LogRow::new(Duration::from_millis(1_500), "INFO", "RELAY".to_owned());
    /// for (name, value) in [("message", "gone"), ("device_id", "d1"), ("reason", "timeout")] {
    ///     row.note(name, value);
    /// }
    /// assert_eq!(row.to_csv(), "1.5,INFO,RELAY,gone,device_id=d1 reason=timeout");
    /// ```
    pub fn note(&mut self, name: &str, value: impl fmt::Display) {
        // Writing to a text does not fail.
        let _ = match name {
            "message" => write!(self.message, "{value}"),
            name if self.extra.is_empty() => write!(self.extra, "{name}={value}"),
            name => write!(self.extra, " {name}={value}"),
        };
    }

    /// A line that is no row, word for word.
    #[must_use]
    pub fn text(line: &str) -> Self {
        Self {
            timestamp: None,
            level: String::new(),
            module: String::new(),
            message: line.to_owned(),
            extra: String::new(),
        }
    }

    /// A line of stderr, as the Python package's tools show it.
    #[must_use]
    pub fn of_stderr(line: &str) -> Self {
        Self { level: "ERROR".to_owned(), module: "STDERR".to_owned(), ..Self::text(line) }
    }

    /// A line of stdout, beside those of stderr.
    #[must_use]
    pub fn of_stdout(line: &str) -> Self {
        Self { level: "INFO".to_owned(), module: "STDOUT".to_owned(), ..Self::text(line) }
    }

    /// Reads a line. One that is no row is kept as text; the header and a blank line are nothing.
    ///
    /// ```
    /// use hiro_protocol::log_row::LogRow;
    ///
    /// let row = LogRow::parse(r#"1795342827.5,INFO,RELAY,"said ""hello, you""",device_id=d1"#).unwrap();
    /// assert_eq!((row.timestamp, row.message.as_str()), (Some(1795342827.5), r#"said "hello, you""#));
    /// assert_eq!(LogRow::parse("Traceback (most recent call last):").unwrap().timestamp, None);
    /// ```
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let line = line.trim_end_matches(['\r', '\n']);
        if line.trim().is_empty() || line == HEADER {
            return None;
        }
        Some(row_of(line).unwrap_or_else(|| Self::text(line)))
    }

    /// The line that stands in the file, without its end.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let timestamp = self.timestamp.map(|seconds| format!("{seconds:?}")).unwrap_or_default();
        let fields = [&timestamp, &self.level, &self.module, &self.message, &self.extra];
        fields.map(|field| quoted(&one_line(field))).join(",")
    }
}

/// The text without line breaks, and without what would move a terminal's cursor.
fn one_line(text: &str) -> String {
    let clean =
        |line: &str| line.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect();
    let lines = text.trim_end_matches(['\r', '\n']).lines();
    lines.map(clean).collect::<Vec<String>>().join(LINE_BREAK)
}

/// Quoted only where that is needed, as Python's `csv` does.
fn quoted(field: &str) -> String {
    if field.contains([',', '"']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field.to_owned() }
}

fn row_of(line: &str) -> Option<LogRow> {
    let [timestamp, level, module, message, extra] = <[String; 5]>::try_from(fields(line)?).ok()?;
    let timestamp: f64 = timestamp.parse().ok()?;
    timestamp.is_finite().then_some(LogRow { timestamp: Some(timestamp), level, module, message, extra })
}

/// The fields of a line; `None` where a quote is not closed or something follows a closed one.
fn fields(line: &str) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, left) = match rest.strip_prefix('"') {
            Some(inner) => quoted_field(inner)?,
            None => plain_field(rest),
        };
        fields.push(field);
        match left {
            Some(left) => rest = left,
            None => return Some(fields),
        }
    }
}

fn plain_field(text: &str) -> (String, Option<&str>) {
    match text.split_once(',') {
        Some((field, left)) => (field.to_owned(), Some(left)),
        None => (text.to_owned(), None),
    }
}

/// Behind the opening quote.
fn quoted_field(text: &str) -> Option<(String, Option<&str>)> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"')?;
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(left) => {
                field.push('"');
                rest = left;
            }
            None if after.is_empty() => return Some((field, None)),
            None => return Some((field, Some(after.strip_prefix(',')?))),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{LogRow, one_line, quoted};

    fn row(message: &str, extra: &str) -> LogRow {
        let (level, module) = ("WARNING".to_owned(), "RELAY".to_owned());
        let (message, extra) = (message.to_owned(), extra.to_owned());
        LogRow { timestamp: Some(1_795_342_827.821_590_2), level, module, message, extra }
    }

    #[test]
    fn a_row_with_a_traceback_is_one_line_of_csv() {
        let failed = row("it failed, \"badly\"", "exception=Traceback:\n  File \"x\"\r\nValueError: no\n");
        let line = failed.to_csv();
        assert_eq!(
            line,
            "1795342827.8215902,WARNING,RELAY,\"it failed, \"\"badly\"\"\",\
             \"exception=Traceback: |   File \"\"x\"\" | ValueError: no\""
        );
        assert_eq!(LogRow::parse(&line).unwrap().message, failed.message);
    }

    #[test]
    fn a_field_is_on_one_line_and_quoted_only_where_it_must_be() {
        let field = |text: &str| quoted(&one_line(text));
        assert_eq!(field("plain text"), "plain text");
        assert_eq!(field("said \"a, b\""), "\"said \"\"a, b\"\"\"");
        assert_eq!(field("Traceback:\n  one\r\n  two\n"), "Traceback: |   one |   two");
        assert_eq!(field("\u{1b}[31mred"), "\u{fffd}[31mred");
    }

    #[test]
    fn what_is_no_row_is_kept_as_text() {
        for line in ["  File \"x\", line 1", "1,2,3", "x,INFO,A,b,", "1,INFO,A,\"b,", "nan,INFO,A,b,c"] {
            assert_eq!(LogRow::parse(line), Some(LogRow::text(line)));
        }
        assert_eq!(LogRow::parse(super::HEADER), None);
        assert_eq!(LogRow::parse("\r\n"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_one_line_and_is_read_back(message in any::<String>(), extra in any::<String>()) {
            let line = row(&message, &extra).to_csv();
            assert!(!line.contains(['\n', '\r', '\x1b']), "{line:?}");
            let read = LogRow::parse(&line).unwrap();
            assert_eq!((read.message, read.extra), (one_line(&message), one_line(&extra)));
        }

        #[test]
        fn no_line_makes_the_parser_panic(line in any::<String>()) {
            let _ = LogRow::parse(&line);
        }
    }
}
