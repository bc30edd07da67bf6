//! What the relay of one test logs. It runs on the test's own thread, so each thread's lines are kept apart.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use tracing::Level;

thread_local! {
    static LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Keeps what is logged on this thread from now on.
pub(crate) fn begin() {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| {
        tracing_subscriber::fmt().with_max_level(Level::INFO).with_writer(|| ThisThread).init();
    });
    LINES.set(Some(Vec::new()));
}

/// What has been logged since.
pub(crate) fn taken() -> String {
    String::from_utf8(LINES.take().unwrap_or_default()).expect("a log is text")
}

struct ThisThread;

impl io::Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.iter_mut().for_each(|lines| lines.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
