//! What is said on stderr while something takes long.

use std::io::Write;
use std::time::Duration;

use crate::league::Progress;

/// Shorter waits are not worth a word.
const WORTH_A_WORD: Duration = Duration::from_secs(2);

/// Tells how far the league is.
pub(super) fn tell(progress: Progress) {
    if let Some(line) = line(&progress) {
        // Who closed stderr does not want to know.
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

/// Tells how far the server of `workspace` is.
pub(super) fn tell_server(workspace: &str, now: hiro_process::Progress) {
    tell(Progress { what: format!("server:{workspace}"), waited: now.waited, phase: now.phase });
}

/// Says what the user should know although everything is as asked.
pub(super) fn warn(warning: &str) {
    let _ = writeln!(std::io::stderr(), "warning: {warning}");
}

fn line(Progress { what, waited, phase }: &Progress) -> Option<String> {
    let phase = phase.map(|phase| format!(" (phase {phase})")).unwrap_or_default();
    (*waited >= WORTH_A_WORD).then(|| format!("waiting for {what} … {} s{phase}", waited.as_secs()))
}

#[cfg(test)]
mod tests {
    use hiro_process::Phase;

    use super::*;

    #[test]
    fn only_a_long_wait_is_told_about() {
        let at = |millis, phase| {
            line(&Progress { what: "server:x".to_owned(), waited: Duration::from_millis(millis), phase })
        };
        assert_eq!(at(1_999, Some(Phase::Starting)), None);
        let told = at(3_020, Some(Phase::Starting));
        assert_eq!(told.as_deref(), Some("waiting for server:x … 3 s (phase starting)"));
        assert_eq!(at(2_000, None).as_deref(), Some("waiting for server:x … 2 s"));
    }
}
