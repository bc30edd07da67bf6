//! Whether a service does its job, looked at from outside: its port, its answer, a line in its logs.
//!
//! The port has to be held by the run's own processes, so that no stranger's answer counts.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use hiro_process::{Identity, Run, is_served_by};

use super::Ready;
use super::ready::LoopbackUrl;

/// How long an answer may take.
const ANSWER_PATIENCE: Duration = Duration::from_secs(1);

/// So much of each log is looked through, from the beginning of the run.
const MAX_SCANNED: u64 = 8 << 20;

/// The readiness of one service. It remembers how far it has read the logs of a run.
#[derive(Debug)]
pub(super) struct Probe<'a> {
    ready: &'a Ready,
    logs: [PathBuf; 2],
    scanned: RefCell<Scanned>,
}

#[derive(Debug, Default)]
struct Scanned {
    run: Option<Identity>,
    scans: [Scan; 2],
    is_found: bool,
}

/// How far one log was read.
#[derive(Debug, Default)]
struct Scan {
    offset: u64,
    /// The end of what was read: the text may begin there.
    rest: Vec<u8>,
}

impl<'a> Probe<'a> {
    pub(super) fn new(ready: &'a Ready, logs: [PathBuf; 2]) -> Self {
        Self { ready, logs, scanned: RefCell::default() }
    }

    /// Whether it holds for this run, now.
    pub(super) fn holds(&self, run: &Run) -> bool {
        let is_served = || self.ready.address().is_some_and(|address| is_served_by(address, run));
        match self.ready {
            Ready::Started => true,
            Ready::Announced => run.record.as_ref().is_some_and(|record| !record.ready_on_exec),
            Ready::Port(_) => is_served(),
            Ready::Http(url) => is_served() && answers(url),
            Ready::Log(text) => self.is_logged(text.as_bytes(), run.identity),
        }
    }

    /// A log that can't be read has nothing in it.
    fn is_logged(&self, text: &[u8], run: Identity) -> bool {
        let mut scanned = self.scanned.borrow_mut();
        if scanned.run != Some(run) {
            *scanned = Scanned { run: Some(run), ..Scanned::default() };
        }
        let Scanned { scans, is_found, .. } = &mut *scanned;
        for (log, scan) in self.logs.iter().zip(scans) {
            *is_found = *is_found || scan.advance(log, text).unwrap_or(false);
        }
        *is_found
    }
}

impl Scan {
    /// Reads on; whether `text` is there.
    fn advance(&mut self, log: &Path, text: &[u8]) -> io::Result<bool> {
        let mut file = File::open(log)?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut chunk = std::mem::take(&mut self.rest);
        let kept = chunk.len();
        file.take(MAX_SCANNED.saturating_sub(self.offset)).read_to_end(&mut chunk)?;
        self.offset += (chunk.len() - kept) as u64;
        let is_found = chunk.windows(text.len()).any(|window| window == text);
        self.rest = chunk.split_off(chunk.len().saturating_sub(text.len() - 1));
        Ok(is_found)
    }
}

fn answers(url: &LoopbackUrl) -> bool {
    let config =
        ureq::Agent::config_builder().timeout_global(Some(ANSWER_PATIENCE)).proxy(None).max_redirects(0);
    let agent: ureq::Agent = config.build().into();
    agent.get(url.as_str()).call().is_ok_and(|response| response.status().is_success())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    #[test]
    fn a_text_is_found_wherever_it_was_cut() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut file = File::create(&log).unwrap();
        let mut scan = Scan::default();
        for part in ["one\nrea", "d", "y to ser"] {
            file.write_all(part.as_bytes()).unwrap();
            assert!(!scan.advance(&log, b"ready to serve").unwrap(), "{part}");
        }
        file.write_all(b"ve\nmore\n").unwrap();
        assert!(scan.advance(&log, b"ready to serve").unwrap());
    }

    #[test]
    fn a_log_is_looked_through_up_to_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut text = vec![b'x'; usize::try_from(MAX_SCANNED).unwrap()];
        text.extend(b"ready");
        fs::write(&log, text).unwrap();
        let mut scan = Scan::default();
        assert!(!scan.advance(&log, b"ready").unwrap() && !scan.advance(&log, b"ready").unwrap());
        assert_eq!(scan.offset, MAX_SCANNED);
    }
}
