//! The byte stream of one connection, watched below hyper.
//!
//! hyper accepts heads that two parsers may read differently (bare line feeds, `Content-Length` beside
//! `Transfer-Encoding`) and waits without end for a peer that reads slowly. The guard reads each HTTP/1 head completely
//! before hyper sees a byte of it, knows where its body ends, and never hands over bytes of the next request in the
//! same read. A head that it refuses is replaced by a harmless one that asks to close the connection; the reason
//! travels in [`Link::refusal`], and the answer is made where all answers are made.

mod head;
#[cfg(test)]
mod tests;

use crate::refusal::{self, Refusal};
use head::{Extent, HeadScanner};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// What hyper sees in place of a head that was refused.
const SUBSTITUTE: &[u8] = b"GET / HTTP/1.1\r\nhost: refused.invalid\r\nconnection: close\r\n\r\n";

/// After an answer that the peer may not expect yet (it is still sending), closing at once would reset the connection
/// and lose the answer: so much is read and thrown away, for so long, before.
const LINGER_BYTES: usize = 4 * 1024 * 1024;
const LINGER: Duration = Duration::from_secs(2);

/// What the guard, the connection's task and the handlers of its requests share.
#[derive(Default)]
pub(crate) struct Link {
    /// Why the connection's last head was refused.
    pub(crate) refusal: OnceLock<&'static Refusal>,
    /// Requests that are being answered.
    pub(crate) in_flight: AtomicUsize,
    /// Requests that were begun, ever.
    pub(crate) begun: AtomicU64,
}

/// A request that is being answered, until it is dropped.
pub(crate) struct InFlight(Arc<Link>);

impl InFlight {
    pub(crate) fn begin(link: &Arc<Link>) -> Self {
        link.begun.fetch_add(1, Ordering::Relaxed);
        link.in_flight.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(link))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The limits that the guard itself holds.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) head_bytes: usize,
    pub(crate) headers: usize,
    /// From a head's first byte to its last; for a connection's first head from the guard's making.
    pub(crate) head_timeout: Duration,
    /// For the peer to take all that was written.
    pub(crate) write_timeout: Duration,
}

enum State {
    /// Collecting a head in `buffer`.
    Head(HeadScanner),
    /// So many bytes belong to the current request.
    Pass(u64),
    /// HTTP/2: frames bound themselves.
    Frames,
    /// The head was refused; what is left of the substitute.
    Refused(&'static [u8]),
}

pub(crate) struct Guard<S> {
    stream: S,
    link: Arc<Link>,
    bounds: Bounds,
    state: State,
    /// Bytes read from the stream that hyper has not got yet.
    buffer: Vec<u8>,
    /// Runs while a head is incomplete.
    head_timer: Option<Pin<Box<Sleep>>>,
    /// Runs while the peer does not take what is to be written.
    write_timer: Option<Pin<Box<Sleep>>>,
    linger: Option<Linger>,
}

struct Linger {
    timer: Pin<Box<Sleep>>,
    bytes_left: usize,
}

fn timer(after: Duration) -> Pin<Box<Sleep>> {
    Box::pin(sleep_until(Instant::now() + after))
}

impl<S: AsyncRead + AsyncWrite + Unpin> Guard<S> {
    /// A guard for HTTP/1; `seen` are the bytes already read.
    pub(crate) fn http1(stream: S, seen: Vec<u8>, link: Arc<Link>, bounds: Bounds) -> Self {
        let head_timer = Some(timer(bounds.head_timeout));
        Self { head_timer, ..Self::new(stream, seen, link, bounds, State::Head(HeadScanner::default())) }
    }

    /// A guard for HTTP/2, which needs only the time limit on writing.
    pub(crate) fn http2(stream: S, seen: Vec<u8>, link: Arc<Link>, bounds: Bounds) -> Self {
        Self::new(stream, seen, link, bounds, State::Frames)
    }

    fn new(stream: S, buffer: Vec<u8>, link: Arc<Link>, bounds: Bounds, state: State) -> Self {
        Self { stream, link, bounds, state, buffer, head_timer: None, write_timer: None, linger: None }
    }

    fn refuse(&mut self, refusal: &'static Refusal) {
        // The first reason stands: after it no other head is looked at.
        let _ = self.link.refusal.set(refusal);
        self.state = State::Refused(SUBSTITUTE);
        self.head_timer = None;
    }

    /// Collects one head. `Ready(false)`: the peer has closed.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            let State::Head(scanner) = &mut self.state else { return Poll::Ready(Ok(true)) };
            match scanner.scan(&self.buffer, self.bounds.head_bytes, self.bounds.headers) {
                Err(refusal) => self.refuse(refusal),
                Ok(Some(Extent { head, body })) => {
                    self.state = State::Pass(u64::try_from(head).unwrap_or(u64::MAX).saturating_add(body));
                    self.head_timer = None;
                }
                Ok(None) => match self.poll_fill(cx) {
                    Poll::Ready(Ok(0)) => return Poll::Ready(Ok(false)),
                    Poll::Ready(Ok(_)) => {}
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending => ready!(self.poll_head_timer(cx)),
                },
            }
        }
    }

    /// Reads what there is, through the stack: an idle connection holds no buffer.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut chunk = [0; 4096];
        let mut chunk = ReadBuf::new(&mut chunk);
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut chunk))?;
        self.buffer.extend_from_slice(chunk.filled());
        Poll::Ready(Ok(chunk.filled().len()))
    }

    /// Ready when the head was refused for its slowness.
    fn poll_head_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.buffer.is_empty() && self.head_timer.is_none() {
            // Between two requests; idle connections are closed by the connection's task.
            return Poll::Pending;
        }
        loop {
            let head_timeout = self.bounds.head_timeout;
            ready!(self.head_timer.get_or_insert_with(|| timer(head_timeout)).as_mut().poll(cx));
            if self.link.in_flight.load(Ordering::Relaxed) == 0 {
                self.refuse(&refusal::HEAD_TIMEOUT);
                return Poll::Ready(());
            }
            // Sent ahead while the request before it is still being answered: that is not the peer's slowness.
            self.head_timer = None;
        }
    }

    /// Hands over what is buffered, at most `limit` bytes.
    fn hand_over(&mut self, out: &mut ReadBuf<'_>, limit: usize) -> usize {
        let count = self.buffer.len().min(limit).min(out.remaining());
        out.put_slice(self.buffer.get(..count).unwrap_or_default());
        if count == self.buffer.len() {
            self.buffer = Vec::new();
        } else {
            self.buffer.drain(..count);
        }
        count
    }

    /// Hands over bytes of the current request, and none after it.
    fn poll_pass(&mut self, cx: &mut Context<'_>, out: &mut ReadBuf<'_>, left: u64) -> Poll<io::Result<()>> {
        let limit = usize::try_from(left).unwrap_or(usize::MAX);
        let count = if self.buffer.is_empty() {
            let mut part = ReadBuf::new(out.initialize_unfilled_to(limit.min(out.remaining())));
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut part))?;
            let count = part.filled().len();
            out.advance(count);
            count
        } else {
            self.hand_over(out, limit)
        };
        let left = left.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX));
        self.state = if left == 0 { State::Head(HeadScanner::default()) } else { State::Pass(left) };
        Poll::Ready(Ok(()))
    }

    /// Turns a write that waits for the peer for too long into an error.
    fn poll_write_timer<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let write_timeout = self.bounds.write_timeout;
        ready!(self.write_timer.get_or_insert_with(|| timer(write_timeout)).as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Whether the peer may still be sending a request that was answered early.
    fn is_mid_request(&self) -> bool {
        matches!(self.state, State::Pass(_) | State::Refused(_))
    }

    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let linger = self.linger.get_or_insert_with(|| Linger { timer: timer(LINGER), bytes_left: LINGER_BYTES });
        let mut chunk = [0; 4096];
        loop {
            if linger.timer.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            let mut chunk = ReadBuf::new(&mut chunk);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut chunk));
            let count = chunk.filled().len();
            linger.bytes_left = linger.bytes_left.saturating_sub(count);
            if read.is_err() || count == 0 || linger.bytes_left == 0 {
                return Poll::Ready(());
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Guard<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if out.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        if matches!(this.state, State::Head(_)) && !ready!(this.poll_head(cx))? {
            return Poll::Ready(Ok(()));
        }
        match this.state {
            State::Frames if this.buffer.is_empty() => Pin::new(&mut this.stream).poll_read(cx, out),
            State::Frames => {
                this.hand_over(out, usize::MAX);
                Poll::Ready(Ok(()))
            }
            State::Pass(left) => this.poll_pass(cx, out, left),
            // The substitute asks to close: hyper reads no more, and an end of stream here would cut its answer short.
            State::Refused(b"") | State::Head(_) => Poll::Pending,
            State::Refused(rest) => {
                let (now, later) = rest.split_at_checked(out.remaining()).unwrap_or((rest, b""));
                out.put_slice(now);
                this.state = State::Refused(later);
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guard<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_write(cx, bytes) {
            Poll::Pending => this.poll_write_timer(cx),
            done => done,
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_write_vectored(cx, slices) {
            Poll::Pending => this.poll_write_timer(cx),
            done => done,
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_flush(cx) {
            Poll::Pending => this.poll_write_timer(cx),
            done => {
                this.write_timer = None;
                done
            }
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.linger.is_none() {
            match Pin::new(&mut this.stream).poll_shutdown(cx) {
                Poll::Pending => return this.poll_write_timer(cx),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(())) if !this.is_mid_request() => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(())) => {}
            }
        }
        this.poll_linger(cx).map(Ok)
    }
}
