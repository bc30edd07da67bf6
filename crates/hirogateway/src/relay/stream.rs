//! A connection's bytes, with or without TLS under them.
//!
//! Idle connections keep no buffer here. A peer that sends more than fits into one read is read ahead of, in large pieces,
//! until it pauses. And one that has not logged in may send only so much.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

const AHEAD_BYTES: usize = 32 << 10;

/// A stranger has sent more than the first frame may take.
#[derive(Debug, Error)]
#[error("more than {limit} bytes before the login")]
pub(super) struct TooMuch {
    pub(super) limit: usize,
}

pub(super) struct Stream {
    transport: Transport,
    ahead: Option<Ahead>,
    allowance: Option<Allowance>,
}

enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// What was read before it was asked for.
struct Ahead {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

#[derive(Clone, Copy)]
struct Allowance {
    left: usize,
    limit: usize,
}

impl Stream {
    pub(super) fn plain(stream: TcpStream) -> Self {
        Self { transport: Transport::Plain(stream), ahead: None, allowance: None }
    }

    pub(super) fn tls(stream: TlsStream<TcpStream>) -> Self {
        Self { transport: Transport::Tls(Box::new(stream)), ahead: None, allowance: None }
    }

    /// Lets the peer send no more than `limit` bytes from now on.
    pub(super) fn allow(&mut self, limit: usize) {
        self.allowance = Some(Allowance { left: limit, limit });
    }

    /// Lets the peer send as much as it likes.
    pub(super) fn allow_all(&mut self) {
        self.allowance = None;
    }

    fn poll_fresh(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(self.transport.poll_read(context, buffer))?;
        let count = buffer.filled().len() - before;
        if let Some(allowance) = &mut self.allowance {
            let limit = allowance.limit;
            let left = allowance.left.checked_sub(count);
            allowance.left = left.ok_or_else(|| io::Error::other(TooMuch { limit }))?;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_ahead(&mut self, context: &mut Context<'_>, ahead: &mut Ahead) -> Poll<io::Result<()>> {
        let mut buffer = ReadBuf::new(&mut ahead.bytes);
        ready!(self.poll_fresh(context, &mut buffer))?;
        (ahead.start, ahead.end) = (0, buffer.filled().len());
        Poll::Ready(Ok(()))
    }
}

impl Ahead {
    fn new() -> Self {
        Self { bytes: vec![0; AHEAD_BYTES].into_boxed_slice(), start: 0, end: 0 }
    }

    fn is_empty(&self) -> bool {
        self.start == self.end
    }

    fn give(&mut self, buffer: &mut ReadBuf<'_>) {
        let count = buffer.remaining().min(self.end - self.start);
        buffer.put_slice(&self.bytes[self.start..self.start + count]);
        self.start += count;
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let Some(mut ahead) = this.ahead.take() else {
            ready!(this.poll_fresh(context, buffer))?;
            // It may well have more: the next read is a large one.
            this.ahead = (buffer.remaining() == 0).then(Ahead::new);
            return Poll::Ready(Ok(()));
        };
        if ahead.is_empty() {
            // The buffer stays away when there is nothing to read.
            ready!(this.poll_ahead(context, &mut ahead))?;
        }
        ahead.give(buffer);
        this.ahead = Some(ahead);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Transport::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_flush(context),
            Transport::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.transport {
            Transport::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Transport::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

impl Transport {
    fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::{AHEAD_BYTES, Stream};

    async fn pair() -> (Stream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (Stream::plain(listener.accept().await.unwrap().0), peer)
    }

    #[tokio::test]
    async fn every_byte_is_read_once_and_in_order_however_small_the_pieces() {
        let (mut stream, mut peer) = pair().await;
        let sent: Vec<u8> = (0..u32::try_from(AHEAD_BYTES).unwrap()).flat_map(u32::to_le_bytes).collect();
        let written = sent.clone();
        let writing = tokio::spawn(async move { peer.write_all(&written).await });
        let (mut read, mut piece) = (Vec::new(), [0; 1000]);
        while let count @ 1.. = stream.read(&mut piece).await.unwrap() {
            read.extend_from_slice(&piece[..count]);
        }
        writing.await.unwrap().unwrap();
        assert!(read == sent);
    }

    #[tokio::test]
    async fn a_peer_that_pauses_costs_no_buffer() {
        let (mut stream, mut peer) = pair().await;
        peer.write_all(&[1; 15]).await.unwrap();
        stream.read_exact(&mut [0; 10]).await.unwrap();
        assert!(stream.ahead.is_some());
        stream.read_exact(&mut [0; 5]).await.unwrap();
        let mut piece = [0; 10];
        let waits = tokio::time::timeout(std::time::Duration::ZERO, stream.read(&mut piece)).await;
        assert!(waits.is_err() && stream.ahead.is_none());
    }

    #[tokio::test]
    async fn a_stranger_may_send_as_much_as_it_is_allowed_and_no_more() {
        let (mut stream, mut peer) = pair().await;
        stream.allow(10);
        peer.write_all(&[1; 10]).await.unwrap();
        stream.read_exact(&mut [0; 10]).await.unwrap();
        peer.write_all(&[1; 1]).await.unwrap();
        let refused = stream.read(&mut [0; 10]).await.unwrap_err();
        assert_eq!(refused.to_string(), "more than 10 bytes before the login");
        stream.allow_all();
        peer.write_all(&[1; 20]).await.unwrap();
        stream.read_exact(&mut [0; 20]).await.unwrap();
    }
}
