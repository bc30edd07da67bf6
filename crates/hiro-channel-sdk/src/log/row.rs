//! One row of a log: `timestamp,level,module,message,extra` in CSV, one line whatever the text.

use std::fmt::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

/// The first line of a log file.
pub(super) const HEADER: &str = "timestamp,level,module,message,extra";

/// A line of the file.
pub(super) struct AsCsv;

impl<S, N> FormatEvent<S, N> for AsCsv
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut to: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut said = Said::default();
        event.record(&mut said);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let level = level_name(*event.metadata().level());
        let module = module(event.metadata().target());
        writeln!(to, "{now:?},{level},{},{},{}", field(&module), field(&said.message), field(&said.extra))
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        _ => "DEBUG",
    }
}

/// The crate that speaks.
fn module(target: &str) -> String {
    target.split("::").next().unwrap_or_default().to_ascii_uppercase()
}

/// The text as one field: no line breaks, which would make rows that are none, and quotes where CSV needs them.
fn field(text: &str) -> String {
    let clean = |c: char| if c.is_control() && c != '\t' { '\u{fffd}' } else { c };
    let lines = text.trim_end().lines().map(|line| line.chars().map(clean).collect());
    let line = lines.collect::<Vec<String>>().join(" | ");
    if line.contains([',', '"']) { format!("\"{}\"", line.replace('"', "\"\"")) } else { line }
}

#[derive(Default)]
struct Said {
    message: String,
    extra: String,
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a text does not fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name if self.extra.is_empty() => write!(self.extra, "{name}={value:?}"),
            name => write!(self.extra, " {name}={value:?}"),
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.record_debug(field, &format_args!("{}", if value { "True" } else { "False" }));
    }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn a_field_is_on_one_line_and_quoted_only_where_it_must_be() {
        assert_eq!(field("plain text"), "plain text");
        assert_eq!(field("said \"a, b\""), "\"said \"\"a, b\"\"\"");
        assert_eq!(field("Traceback:\n  one\r\n  two\n"), "Traceback: |   one |   two");
        assert_eq!(field("\u{1b}[31mred"), "\u{fffd}[31mred");
    }
}
