//! The line that people read for a row. A pure function: the zone comes in, and whether there are colours.

use hiro_protocol::log_row::LogRow;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The module's width on a console.
const MODULE_WIDTH: usize = 12;

/// How a console shows a row: `[HH:MM:SS] [INF] [MODULE______] message  k=v`, the time in the zone `zone`.
#[must_use]
pub fn console_line(row: &LogRow, zone: &TimeZone, colours: bool) -> String {
    if row.level.is_empty() {
        return row.message.clone();
    }
    let module: String = row.module.chars().take(MODULE_WIDTH).collect();
    let level = coloured(&row.level, colours);
    let extra = if row.extra.is_empty() { String::new() } else { format!("  {}", row.extra) };
    format!("[{}] [{level}] [{module:_<MODULE_WIDTH$}] {}{extra}", clock(row.timestamp, zone), row.message)
}

fn clock(timestamp: Option<f64>, zone: &TimeZone) -> String {
    // A row's time is far inside what an integer of milliseconds holds; what is not becomes a time that nobody means.
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    let time = timestamp.and_then(|seconds| Timestamp::from_millisecond((seconds * 1e3) as i64).ok());
    match time {
        Some(time) => time.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string(),
        None => "--:--:--".to_owned(),
    }
}

fn coloured(level: &str, colours: bool) -> String {
    let (short, colour) = match level {
        "DEBUG" => ("DBG", 90),
        "FINEINFO" => ("FNI", 36),
        "INFO" => ("INF", 32),
        "WARNING" => ("WRN", 33),
        "ERROR" => ("ERR", 31),
        "CRITICAL" => ("CRT", 35),
        _ => ("???", 0),
    };
    if colours { format!("\x1b[{colour}m{short}\x1b[0m") } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use hiro_protocol::log_row::LogRow;
    use jiff::tz::TimeZone;

    use super::console_line;

    fn row(message: &str, extra: &str) -> LogRow {
        let (level, module) = ("WARNING".to_owned(), "RELAY".to_owned());
        let (message, extra) = (message.to_owned(), extra.to_owned());
        LogRow { timestamp: Some(1_795_342_827.821_590_2), level, module, message, extra }
    }

    #[test]
    fn a_console_shows_time_level_module_and_what_belongs_to_it() {
        let shown = console_line(&row("gone", "device_id=d1"), &TimeZone::UTC, false);
        assert_eq!(shown, "[10:20:27] [WRN] [RELAY_______] gone  device_id=d1");
        assert_eq!(console_line(&LogRow::text("as it is"), &TimeZone::UTC, true), "as it is");
        assert!(console_line(&row("gone", ""), &TimeZone::UTC, true).contains("\x1b[33mWRN\x1b[0m"));
    }
}
