//! How long something has been running, for people: the two largest units.

use jiff::SignedDuration;

/// `4 s`, `3 min 12 s`, `5 h 3 min`, `12 d 7 h`. A clock that was set back gives `0 s`.
pub(super) fn for_people(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {} min", minutes % 60),
        (_, _, _) => format!("{days} d {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::for_people;
    use jiff::SignedDuration;

    #[test]
    fn the_two_largest_units_are_shown() {
        let expected = [
            (-5, "0 s"),
            (59, "59 s"),
            (60, "1 min 0 s"),
            (3_599, "59 min 59 s"),
            (18_180, "5 h 3 min"),
            (1_062_000, "12 d 7 h"),
        ];
        for (seconds, text) in expected {
            assert_eq!(for_people(SignedDuration::from_secs(seconds)), text);
        }
    }
}
