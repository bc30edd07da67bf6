//! A connection whose other end must go on reading: after a while in which it takes nothing, writing to it fails, and so it
//! does where it has not taken in time all that was to be written. One who reads a drop now and then is not waited for.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// How long is waited for whoever reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For a part to be taken.
    pub(super) stall: Duration,
    /// For all of what is handed over at once: an ordinary answer, or what a stream has to say so far.
    pub(super) whole: Duration,
}

/// A connection, since when something is to be written, and how long it may take now.
#[derive(Debug)]
pub(super) struct Patient<S> {
    stream: S,
    patience: Patience,
    begun: Option<Instant>,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    pub(super) fn new(stream: S, patience: Patience) -> Self {
        Self { stream, patience, begun: None, stalled: None }
    }

    /// What became of a write, unless it has waited too long.
    fn judge(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let Patience { stall, whole } = self.patience;
        let begun = *self.begun.get_or_insert_with(Instant::now);
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let until = || (Instant::now() + stall).min(begun + whole);
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep_until(until())));
        stalled.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.judge(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Asked for when nothing is left to be written: what comes next has its own time.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.begun = None;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    const WHOLE: Duration = Duration::from_millis(50);

    /// A connection that holds one byte, whose other end takes every byte at once.
    fn drop_by_drop() -> Patient<DuplexStream> {
        let (near, mut far) = duplex(1);
        tokio::spawn(async move { while far.read_u8().await.is_ok() {} });
        Patient::new(near, Patience { stall: WHOLE * 1000, whole: WHOLE })
    }

    #[tokio::test]
    async fn who_takes_one_drop_after_the_other_is_not_waited_for_longer_than_for_the_whole() {
        let (mut near, begun) = (drop_by_drop(), Instant::now());
        let failed = loop {
            match near.write_u8(b'x').await {
                Ok(()) => assert!(begun.elapsed() < WHOLE * 100, "it is never cut off"),
                Err(error) => break error,
            }
        };
        assert_eq!(failed.kind(), io::ErrorKind::TimedOut);
        assert!(begun.elapsed() >= WHOLE);
    }

    #[tokio::test]
    async fn what_comes_when_all_has_been_written_has_a_time_of_its_own() {
        let mut near = drop_by_drop();
        near.write_u8(b'x').await.unwrap();
        assert!(near.begun.is_some());
        near.flush().await.unwrap();
        assert_eq!(near.begun, None);
    }
}
