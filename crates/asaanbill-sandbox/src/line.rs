//! The wire: a listener that can go away and come back on the same port, and
//! connections that can be closed or cut where a fault says so.
//!
//! A server library always finishes its answers; here the answer is stopped
//! below it, in the connection's own write.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the next bytes meet.
#[derive(Debug, Clone, Copy)]
enum Order {
    Open,
    /// Not one byte goes out any more.
    Close,
    /// The headers go out (`seen` bytes of the blank line that ends them
    /// have), then this much of the body.
    Cut {
        seen: u8,
        left: u64,
    },
}

/// Gives orders to one connection.
#[derive(Debug, Clone)]
pub(crate) struct LineHandle(Arc<Mutex<Order>>);

impl LineHandle {
    /// Closes the connection without another byte.
    pub(crate) fn close(&self) {
        self.set(Order::Close);
    }

    /// Closes the connection after this much of the next answer's body.
    pub(crate) fn cut_after(&self, body_bytes: u64) {
        self.set(Order::Cut {
            seen: 0,
            left: body_bytes,
        });
    }

    fn set(&self, order: Order) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = order;
    }

    fn get(&self) -> Order {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connected<IncomingStream<'_, Door>> for LineHandle {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.io().handle.clone()
    }
}

impl Order {
    /// How much of these bytes may go out.
    fn allowed(self, bytes: &[u8]) -> usize {
        match self {
            Order::Open => bytes.len(),
            Order::Close => 0,
            Order::Cut { .. } => {
                let allowed = bytes.iter().scan(self, |order, byte| {
                    *order = order.after(*byte)?;
                    Some(())
                });
                allowed.count()
            }
        }
    }

    /// The order after this byte went out; `None` if it may not.
    fn after(self, byte: u8) -> Option<Order> {
        const BLANK_LINE: &[u8; 4] = b"\r\n\r\n";
        match self {
            Order::Open => Some(self),
            Order::Close => None,
            Order::Cut { seen: 4, left } => {
                left.checked_sub(1).map(|left| Order::Cut { seen: 4, left })
            }
            Order::Cut { seen, left } => {
                let seen = if byte == BLANK_LINE[usize::from(seen)] {
                    seen + 1
                } else {
                    u8::from(byte == b'\r')
                };
                Some(Order::Cut { seen, left })
            }
        }
    }
}

/// One accepted connection.
#[derive(Debug)]
pub(crate) struct Line {
    stream: TcpStream,
    handle: LineHandle,
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let order = self.handle.get();
        let allowed = order.allowed(bytes);
        if allowed == 0 && !bytes.is_empty() {
            self.handle.close();
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        let written =
            std::task::ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes[..allowed]))?;
        if let Order::Cut { .. } = order {
            let after = bytes[..written]
                .iter()
                .try_fold(order, |order, byte| order.after(*byte));
            self.handle.set(after.unwrap_or(Order::Close));
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The listener. While the hub is away nothing listens, so that connections
/// are refused; then the same port is bound again.
#[derive(Debug)]
pub(crate) struct Door {
    listener: Option<TcpListener>,
    address: SocketAddr,
    /// Whether the hub is to be away.
    away: watch::Receiver<bool>,
    /// Whether it is.
    shut: watch::Sender<bool>,
}

impl Door {
    pub(crate) fn new(
        listener: TcpListener,
        address: SocketAddr,
        away: watch::Receiver<bool>,
        shut: watch::Sender<bool>,
    ) -> Door {
        Door {
            listener: Some(listener),
            address,
            away,
            shut,
        }
    }

    async fn next(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        loop {
            if *self.away.borrow_and_update() {
                self.listener = None;
                self.shut.send_replace(true);
                // An error means that the hub is gone, and this task with it.
                let _ = self.away.wait_for(|away| !away).await;
            }
            let listener = match self.listener.take() {
                Some(listener) => listener,
                None => TcpListener::bind(self.address).await?,
            };
            let listener = self.listener.insert(listener);
            self.shut.send_replace(false);
            tokio::select! {
                accepted = TcpListener::accept(listener) => return accepted,
                Ok(()) = self.away.changed() => {}
            }
        }
    }
}

impl Listener for Door {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        loop {
            match self.next().await {
                Ok((stream, from)) => {
                    // Answers are single writes; waiting for more helps nobody.
                    let _ = stream.set_nodelay(true);
                    let handle = LineHandle(Arc::new(Mutex::new(Order::Open)));
                    return (Line { stream, handle }, from);
                }
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_counts_from_the_end_of_the_headers() {
        let answer = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody and more";
        let body_at = answer.len() - b"body and more".len();
        let cut = Order::Cut { seen: 0, left: 4 };
        assert_eq!(cut.allowed(answer), body_at + 4);
        assert_eq!(Order::Cut { seen: 0, left: 0 }.allowed(answer), body_at);
        assert_eq!(Order::Close.allowed(answer), 0);
        assert_eq!(Order::Open.allowed(answer), answer.len());
        // The same however the bytes are dealt out.
        let mut order = cut;
        let mut sent = 0;
        for byte in answer {
            match order.after(*byte) {
                Some(next) => {
                    order = next;
                    sent += 1;
                }
                None => break,
            }
        }
        assert_eq!(sent, body_at + 4);
    }
}
