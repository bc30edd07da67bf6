//! Times as the Python packages write and read them.
//!
//! What is read is what `datetime.fromisoformat` of Python 3.11 takes once every `Z` has become `+00:00`: calendar
//! and week dates, with or without separators, any one character before the time of day, offsets down to the
//! microsecond. Left out are two slips of that function: a fraction after the minutes, a space before the offset.

use jiff::civil::{Date, ISOWeekDate, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// `time` with microseconds and a final `Z`.
pub(crate) fn format_with_z(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// The moment that `text` names, `None` when it names none or no offset.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.replace('Z', "+00:00");
    let mut cursor = Cursor(&text);
    let date = cursor.date()?;
    cursor.any_character()?;
    let time_of_day = cursor.clock()?;
    let offset = cursor.offset()?;
    cursor.0.is_empty().then(|| moment(date, time_of_day, offset))
}

/// The last hours of the year 9999, which people write for "never", lie outside what a `Timestamp` can hold; its
/// last moment means the same.
fn moment(date: Date, time_of_day: SignedDuration, offset: SignedDuration) -> Timestamp {
    let midnight = TimeZone::UTC.to_timestamp(date.to_datetime(Time::midnight()));
    midnight.and_then(|midnight| midnight.checked_add(time_of_day - offset)).unwrap_or(Timestamp::MAX)
}

struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn date(&mut self) -> Option<Date> {
        let year = i16::try_from(self.number(4)?).ok().filter(|year| *year > 0)?;
        let separated = self.eat('-');
        if self.eat('W') {
            return self.week_date(year, separated);
        }
        let month = self.number(2)?;
        if separated && !self.eat('-') {
            return None;
        }
        let day = self.number(2)?;
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    }

    /// The weekday may be missing: then it is Monday.
    fn week_date(&mut self, year: i16, separated: bool) -> Option<Date> {
        let week = i8::try_from(self.number(2)?).ok()?;
        let rest = if separated { self.0.strip_prefix('-').unwrap_or_default() } else { self.0 };
        let weekday = match rest.as_bytes() {
            [digit @ b'0'..=b'9', next, ..] if !next.is_ascii_digit() => {
                self.0 = &rest[1..];
                Weekday::from_monday_one_offset(i8::try_from(digit - b'0').ok()?).ok()?
            }
            _ => Weekday::Monday,
        };
        ISOWeekDate::new(year, week, weekday).ok().map(ISOWeekDate::date)
    }

    fn offset(&mut self) -> Option<SignedDuration> {
        match self.any_character()? {
            '+' => self.clock(),
            '-' => self.clock().map(|offset| -offset),
            _ => None,
        }
    }

    /// `HH[:MM[:SS[.fraction]]]`, the colons all there or all missing.
    fn clock(&mut self) -> Option<SignedDuration> {
        let hours = self.below(24)?;
        let separated = self.0.starts_with(':');
        let mut total = SignedDuration::from_hours(hours);
        if self.next_part(separated) {
            total += SignedDuration::from_mins(self.below(60)?);
            if self.next_part(separated) {
                total += SignedDuration::from_secs(self.below(60)?) + self.fraction();
            }
        }
        Some(total)
    }

    fn next_part(&mut self, separated: bool) -> bool {
        if separated { self.eat(':') } else { self.0.starts_with(|next: char| next.is_ascii_digit()) }
    }

    /// Digits after the sixth are cut off, not rounded.
    fn fraction(&mut self) -> SignedDuration {
        if !self.eat('.') && !self.eat(',') {
            return SignedDuration::ZERO;
        }
        let end = self.0.find(|next: char| !next.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        let micros = format!("{digits:0<6}")[..6].parse().unwrap_or_default();
        SignedDuration::from_micros(micros)
    }

    fn below(&mut self, limit: u16) -> Option<i64> {
        self.number(2).filter(|number| *number < limit).map(i64::from)
    }

    fn number(&mut self, digits: usize) -> Option<u16> {
        let number = self.0.get(..digits)?;
        if !number.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        self.0 = &self.0[digits..];
        number.parse().ok()
    }

    fn eat(&mut self, expected: char) -> bool {
        let rest = self.0.strip_prefix(expected);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn any_character(&mut self) -> Option<char> {
        let first = self.0.chars().next()?;
        self.0 = &self.0[first.len_utf8()..];
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::proptest;

    use super::{format_with_z, parse};

    /// The right-hand sides were computed by `datetime.fromisoformat` of Python 3.11.
    const TAKEN: &[(&str, &str)] = &[
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02 03:04:05.123456Z", "2026-01-02T03:04:05.123456Z"),
        ("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123456Z"),
        ("2026-01-02T03:04:05.Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05,5Z", "2026-01-02T03:04:05.5Z"),
        ("20260102T030405Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03Z", "2026-01-02T03:00:00Z"),
        ("2026-01-02T0304+0530", "2026-01-01T21:34:00Z"),
        ("2026-01-02T03:04:05+05", "2026-01-01T22:04:05Z"),
        ("2026-01-02T03:04:05-23:59:59.999999", "2026-01-03T03:04:04.999999Z"),
        ("2026-01-02é03:04Z", "2026-01-02T03:04:00Z"),
        ("2026-W01-1T03:04Z", "2025-12-29T03:04:00Z"),
        ("2026W011T03Z", "2025-12-29T03:00:00Z"),
        ("2026-W01T03Z", "2025-12-29T03:00:00Z"),
        ("2026W01T03Z", "2025-12-29T03:00:00Z"),
        ("2026-W53-7T00:00Z", "2027-01-03T00:00:00Z"),
        ("2026-W01-10:00Z", "2025-12-29T10:00:00Z"),
        ("2026-W01-1-10:00Z", "2025-12-29T10:00:00Z"),
        ("0001-01-01T00:00:00+23:00", "0000-12-31T01:00:00Z"),
    ];

    const REFUSED: &[&str] = &[
        "",
        "2026",
        "2026-01-02",
        "2026-01-02Z",
        "2026-01-02T",
        "2026-01-02T+00:00",
        "2026-01-02T03:04:05",
        "2026-01-02T24:00:00Z",
        "2026-01-02T03:04:60Z",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05+",
        "2026-01-02T03:04:05ZZ",
        "2026-01-02T03:04:05.12Z34",
        "2026-01-02T0304:05Z",
        "2026-01-02T03:04:05+0530:15",
        "2026-01-02T3:04Z",
        "2026-1-2T03:04Z",
        "2026-01-02t03:04:05z",
        "2026-02-30T00:00Z",
        "2025-W53-7T00:00Z",
        "2026-W01-0T00Z",
        "2026W0110:00Z",
        "0000-01-01T00:00Z",
        " 2026-01-02T03:04:05Z",
        "2026-01-02T٠٣:04Z",
        "Z2026-01-02",
    ];

    #[test]
    fn what_python_takes_names_the_same_moment_here() {
        for (text, expected) in TAKEN {
            assert_eq!(parse(text), Some(expected.parse::<Timestamp>().unwrap()), "`{text}`");
        }
    }

    #[test]
    fn what_python_refuses_and_what_has_no_offset_is_refused() {
        for text in REFUSED {
            assert_eq!(parse(text), None, "`{text}`");
        }
    }

    #[test]
    fn the_end_of_the_year_9999_is_the_last_moment_there_is() {
        assert_eq!(parse("9999-12-31T23:59:59Z"), Some(Timestamp::MAX));
    }

    #[test]
    fn a_time_is_written_with_microseconds_even_when_they_are_zero() {
        let time = "2026-01-02T03:04:05Z".parse().unwrap();
        assert_eq!(format_with_z(time), "2026-01-02T03:04:05.000000Z");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "[0-9TWZ:+.é -]{0,30}") {
            let _ = parse(&text);
        }

        #[test]
        fn a_written_time_reads_back(micros in -62_000_000_000_000_000_i64..=253_000_000_000_000_000) {
            let time = Timestamp::from_microsecond(micros).unwrap();
            assert_eq!(parse(&format_with_z(time)), Some(time));
        }
    }
}
