//! What is said on stderr while a start takes long.

use std::io::Write;
use std::time::Duration;

use hiro_process::Progress;

/// Shorter waits are not worth a word.
const WORTH_A_WORD: Duration = Duration::from_secs(2);

/// Tells how far the gateway `name` is.
pub(super) fn tell(name: &str, progress: Progress) {
    if let Some(line) = line(name, progress) {
        // Who closed stderr does not want to know.
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

fn line(name: &str, Progress { waited, phase }: Progress) -> Option<String> {
    let phase = phase.map_or_else(|| "not announced yet".to_owned(), |phase| format!("phase {phase}"));
    let seconds = waited.as_secs();
    (waited >= WORTH_A_WORD).then(|| format!("waiting for gateway:{name} … {seconds} s ({phase})"))
}

#[cfg(test)]
mod tests {
    use super::line;
    use hiro_process::{Phase, Progress};
    use std::time::Duration;

    #[test]
    fn only_a_long_wait_is_told_about_with_the_phase_that_it_is_in() {
        let at = |millis, phase| Progress { waited: Duration::from_millis(millis), phase };
        assert_eq!(line("home", at(1_999, Some(Phase::Starting))), None);
        let told = line("home", at(3_020, Some(Phase::Starting)));
        assert_eq!(told.as_deref(), Some("waiting for gateway:home … 3 s (phase starting)"));
        let told = line("home", at(2_000, None));
        assert_eq!(told.as_deref(), Some("waiting for gateway:home … 2 s (not announced yet)"));
    }
}
