//! By which rules a child is started again: when at all, how soon, and how often before it is given up on.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// After which ends a child is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestartPolicy {
    /// After none.
    Never,
    /// After a crash: any end but one with exit code 0.
    OnFailure,
    /// After every end that nobody has asked for.
    #[default]
    Always,
}

/// The rules of one child.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// After which ends it is started again.
    pub policy: RestartPolicy,
    /// How long the first restart waits; each further one twice as long as the one before.
    pub first_delay: Duration,
    /// How long a restart waits at the most, but for the jitter: up to a tenth more.
    pub longest_delay: Duration,
    /// A run of this length is proven: what was before it is forgotten.
    pub proven_after: Duration,
    /// After so many crashes...
    pub crashes: u32,
    /// ...within this time the child is given up on.
    pub within: Duration,
}

/// Rules that can't be understood.
#[derive(Debug, Error)]
#[error("the supervision rules can't be used: {reason}")]
pub struct RulesError {
    reason: String,
}

impl Default for Rules {
    /// Always; after 1 s, 2 s, 4 s and so on up to 60 s; proven after 60 s; given up on after 5 crashes within 60 s.
    fn default() -> Self {
        Self {
            policy: RestartPolicy::Always,
            first_delay: Duration::from_secs(1),
            longest_delay: Duration::from_secs(60),
            proven_after: Duration::from_secs(60),
            crashes: 5,
            within: Duration::from_secs(60),
        }
    }
}

/// As they are written down: what is left out is as usual.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    policy: Option<RestartPolicy>,
    first_delay_ms: Option<u64>,
    longest_delay_ms: Option<u64>,
    proven_after_ms: Option<u64>,
    crashes: Option<u32>,
    within_ms: Option<u64>,
}

impl Rules {
    /// The rules in a JSON object with any of `policy` (`never`, `on-failure`, `always`), `first_delay_ms`,
    /// `longest_delay_ms`, `proven_after_ms`, `crashes` and `within_ms`.
    ///
    /// # Errors
    /// It is no object, or has other keys or values.
    pub fn from_json(value: &Value) -> Result<Self, RulesError> {
        let written: Written = serde_json::from_value(value.clone())
            .map_err(|error| RulesError { reason: error.to_string() })?;
        let usual = Self::default();
        let duration = |ms: Option<u64>, usual| ms.map_or(usual, Duration::from_millis);
        Ok(Self {
            policy: written.policy.unwrap_or(usual.policy),
            first_delay: duration(written.first_delay_ms, usual.first_delay),
            longest_delay: duration(written.longest_delay_ms, usual.longest_delay),
            proven_after: duration(written.proven_after_ms, usual.proven_after),
            crashes: written.crashes.unwrap_or(usual.crashes).max(1),
            within: duration(written.within_ms, usual.within),
        })
    }

    /// How long the restart after `failures` failures in a row waits. `jitter` is from 0 up to 1, so that children that
    /// crash together don't come back together.
    #[must_use]
    pub fn delay(&self, failures: u32, jitter: f64) -> Duration {
        let doubled = self.first_delay.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
        doubled.min(self.longest_delay).mul_f64(1.0 + jitter.clamp(0.0, 1.0) / 10.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn delays_double_up_to_the_longest_and_jitter_adds_a_tenth_at_the_most() {
        let rules = Rules { longest_delay: Duration::from_secs(5), ..Rules::default() };
        let seconds: Vec<u64> = (1..=4).map(|failures| rules.delay(failures, 0.0).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 5]);
        assert_eq!(rules.delay(1, 1.0), Duration::from_millis(1100));
        assert_eq!(rules.delay(u32::MAX, 1.0), Duration::from_millis(5500));
    }

    #[test]
    fn what_is_not_written_down_is_as_usual_and_what_is_unknown_is_said() {
        let rules = Rules::from_json(&json!({"policy": "on-failure", "first_delay_ms": 10})).unwrap();
        let expected = Rules {
            policy: RestartPolicy::OnFailure,
            first_delay: Duration::from_millis(10),
            ..Rules::default()
        };
        assert_eq!(rules, expected);
        let error = Rules::from_json(&json!({"first_delay": 10})).unwrap_err().to_string();
        assert!(error.contains("first_delay"), "{error}");
        assert!(Rules::from_json(&json!(7)).is_err());
    }
}
