//! From an event of `tracing` to a row: the level and the module by their Python names, the fields as `key=value` with
//! values as Python writes them.

use std::error::Error;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use hiro_protocol::log_row::LogRow;
use jiff::tz::TimeZone;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use super::console::console_line;

/// A line of the file.
pub(super) struct AsCsv;

/// A line for people.
pub(super) struct AsConsole {
    pub(super) colours: bool,
}

impl<S, N> FormatEvent<S, N> for AsCsv
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut to: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        writeln!(to, "{}", row(event).to_csv())
    }
}

impl<S, N> FormatEvent<S, N> for AsConsole
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut to: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        writeln!(to, "{}", console_line(&row(event), &TimeZone::system(), self.colours))
    }
}

fn row(event: &Event<'_>) -> LogRow {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (level, module) = (level_name(*event.metadata().level()), module(event.metadata().target()));
    let mut fields = Fields(LogRow::new(now, level, module));
    event.record(&mut fields);
    fields.0
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        _ => "DEBUG",
    }
}

/// The libraries whose parts are told apart.
const OWN: [&str; 2] = [env!("CARGO_PKG_NAME"), "hirocli"];

/// The part of a program of ours, `RELAY` say; of another crate its name.
fn module(target: &str) -> String {
    let mut words = target.split("::");
    let library = words.next().unwrap_or_default();
    let part = words.next().filter(|_| OWN.contains(&library));
    part.unwrap_or(library).to_ascii_uppercase()
}

/// What an event says goes into a row.
struct Fields(LogRow);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.note(field.name(), format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.note(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.note(field.name(), if value { "True" } else { "False" });
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let causes = std::iter::successors(value.source(), |&cause| cause.source());
        let text = causes.fold(value.to_string(), |text, cause| format!("{text}: {cause}"));
        self.0.note(field.name(), text);
    }
}

#[cfg(test)]
mod tests {
    use super::module;

    #[test]
    fn a_module_is_a_part_of_this_program_or_another_library() {
        assert_eq!(module("hirogateway::relay::session"), "RELAY");
        assert_eq!(module("hirocli::server::messages"), "SERVER");
        assert_eq!(module("hirogateway"), "HIROGATEWAY");
        assert_eq!(module("hyper::proto::h1"), "HYPER");
    }
}
