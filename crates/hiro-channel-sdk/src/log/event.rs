//! From an event of `tracing` to a row: the level by its Python name, the crate that speaks as the module. The row's own form is
//! that of [`LogRow`].

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use hiro_protocol::log_row::LogRow;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

/// A line of the file.
pub(super) struct AsCsv;

impl<S, N> FormatEvent<S, N> for AsCsv
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut to: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let (level, module) = (level_name(*event.metadata().level()), module(event.metadata().target()));
        let mut fields = Fields(LogRow::new(now, level, module));
        event.record(&mut fields);
        let Fields(mut row) = fields;
        for text in [&mut row.message, &mut row.extra] {
            // What a plugin's author writes may end in blanks; a field does not.
            text.truncate(text.trim_end().len());
        }
        writeln!(to, "{}", row.to_csv())
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
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::Mutex;

    use hiro_process::{RotatingFile, Rotation};
    use hiro_protocol::log_row::{HEADER, LogRow};
    use tracing_subscriber::layer::SubscriberExt;

    use super::AsCsv;

    fn rows(path: &Path) -> Vec<String> {
        let text = fs::read_to_string(path).unwrap();
        assert_eq!(text.lines().next(), Some(HEADER));
        let said = |row: LogRow| format!("{} {} {} {}", row.level, row.module, row.message, row.extra);
        text.lines().filter_map(LogRow::parse).map(said).collect()
    }

    #[test]
    fn a_log_that_has_grown_large_is_put_aside_and_both_begin_with_the_header() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs").join("channel-lines.log");
        let file = RotatingFile::open(&path, HEADER, Rotation { largest_bytes: 90, kept: 1 }).unwrap();
        let layer = tracing_subscriber::fmt::layer().event_format(AsCsv).with_writer(Mutex::new(file));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::warn!(target: "hiro_echo::main", id = "d1", known = true, "said, \"hello\" \n");
            tracing::trace!(target: "hyper", "gone");
        });
        assert_eq!(
            rows(&folder.path().join("logs").join("channel-lines.log.1")),
            ["WARNING HIRO_ECHO said, \"hello\" id=d1 known=True"]
        );
        assert_eq!(rows(&path), ["DEBUG HYPER gone "]);
    }
}
