//! Samples, and how a row of them is printed.

use std::time::Duration;

/// The times of one thing done often.
pub(crate) struct Samples(Vec<Duration>);

/// One printed line.
pub(crate) struct Row;

impl Samples {
    pub(crate) fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    fn quantile(&self, quantile: f64) -> Duration {
        let place = (self.0.len().saturating_sub(1)) as f64 * quantile;
        self.0[place.round() as usize]
    }
}

impl Row {
    pub(crate) fn header() -> String {
        format!("{:<46} {:>9} {:>9} {:>9} {:>6} {:>9}", "", "p50 ms", "p90 ms", "p99 ms", "runs", "x floor")
    }

    /// The quantiles, and the median as a multiple of the floor's.
    pub(crate) fn of(name: &str, samples: &Samples, floor: Option<&Samples>) -> String {
        let milliseconds = |quantile| samples.quantile(quantile).as_secs_f64() * 1e3;
        let ratio = floor.map_or_else(String::new, |floor| {
            format!("{:.1}", samples.quantile(0.5).as_secs_f64() / floor.quantile(0.5).as_secs_f64())
        });
        format!(
            "{name:<46} {:>9.3} {:>9.3} {:>9.3} {:>6} {ratio:>9}",
            milliseconds(0.5),
            milliseconds(0.9),
            milliseconds(0.99),
            samples.0.len()
        )
    }
}

/// A number from the environment.
pub(crate) fn number_from(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}
