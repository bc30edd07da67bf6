//! From an event of `tracing` to a row: the level and the module by their Python names, the fields as `key=value` with
//! values as Python writes them.

use std::error::Error;
use std::fmt::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::tz::TimeZone;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use super::row::{LogRow, console_line};

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
    let mut said = Said::default();
    event.record(&mut said);
    LogRow {
        timestamp: Some(now()),
        level: level_name(*event.metadata().level()).to_owned(),
        module: module(event.metadata().target()),
        message: said.message,
        extra: said.extra,
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
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

#[derive(Default)]
struct Said {
    message: String,
    extra: String,
}

impl Said {
    fn note(&mut self, field: &Field, value: impl fmt::Display) {
        // Writing to a text does not fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value}"),
            name if self.extra.is_empty() => write!(self.extra, "{name}={value}"),
            name => write!(self.extra, " {name}={value}"),
        };
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.note(field, format_args!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.note(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.note(field, if value { "True" } else { "False" });
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let causes = std::iter::successors(value.source(), |&cause| cause.source());
        let text = causes.fold(value.to_string(), |text, cause| format!("{text}: {cause}"));
        self.note(field, text);
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
