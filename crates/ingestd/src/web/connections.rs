//! Connections to the web face: so many at once, and none for long. Whoever sends its headers one
//! byte a minute, or none at all, takes a place for seconds and not for ever; and where all places
//! are taken, the one that has been silent for longest gives its own to whoever comes next.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Sleep};

use crate::account::lock;

/// Connections at once: well below the files a process may have open.
const AT_ONCE: usize = 256;
/// A connection lives so long, whatever is said over it.
const LIVES: Duration = Duration::from_secs(10);
/// A listener that can't accept (too many open files, say) is tried again after this.
const ACCEPTED_AGAIN_AFTER: Duration = Duration::from_millis(200);

/// The listener.
pub(super) struct Connections {
    listener: TcpListener,
    places: Arc<Places>,
}

impl Connections {
    pub(super) fn of(listener: TcpListener) -> Connections {
        Connections {
            listener,
            places: Arc::default(),
        }
    }
}

/// Who has a place, the oldest first.
#[derive(Default)]
struct Places(Mutex<(u64, BTreeMap<u64, Arc<Place>>)>);

/// A connection's place.
#[derive(Default)]
struct Place {
    /// Something was heard from the other end that is not answered yet.
    heard: AtomicBool,
    /// It was given to another.
    given_away: AtomicBool,
    waker: AtomicWaker,
}

impl Places {
    /// A place for one more: where all are taken, that of the oldest that says nothing; of the
    /// oldest, where all have begun to speak (honest callers are done within moments).
    fn take(&self) -> (u64, Arc<Place>) {
        let mut taken = lock(&self.0);
        let (next, places) = &mut *taken;
        if places.len() >= AT_ONCE {
            let mut silent = places
                .iter()
                .filter(|(_, place)| !place.heard.load(Ordering::Relaxed));
            let oldest = silent.next().or_else(|| places.iter().next());
            if let Some(place) = oldest
                .map(|(number, _)| *number)
                .and_then(|n| places.remove(&n))
            {
                place.given_away.store(true, Ordering::Relaxed);
                place.waker.wake();
            }
        }
        *next += 1;
        let place = Arc::new(Place::default());
        places.insert(*next, Arc::clone(&place));
        (*next, place)
    }

    fn leave(&self, number: u64) {
        lock(&self.0).1.remove(&number);
    }
}

impl Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let (number, place) = self.places.take();
                    let connection = Connection {
                        stream,
                        end: Box::pin(tokio::time::sleep_until(Instant::now() + LIVES)),
                        number,
                        place,
                        places: Arc::clone(&self.places),
                    };
                    return (connection, peer);
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPTED_AGAIN_AFTER).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Who is at the other end of the connection: a caller, or a proxy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) SocketAddr);

impl Connected<IncomingStream<'_, Connections>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Peer {
        Peer(*stream.remote_addr())
    }
}

/// A connection that ends by itself.
pub(super) struct Connection {
    stream: TcpStream,
    end: Pin<Box<Sleep>>,
    number: u64,
    place: Arc<Place>,
    places: Arc<Places>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.places.leave(self.number);
    }
}

impl Connection {
    fn is_over(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        self.place.waker.register(cx.waker());
        if self.place.given_away.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        match self.end.as_mut().poll(cx) {
            Poll::Ready(()) => Err(io::ErrorKind::TimedOut.into()),
            Poll::Pending => Ok(()),
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.is_over(cx)?;
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.place.heard.store(true, Ordering::Relaxed);
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.is_over(cx)?;
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        if matches!(written, Poll::Ready(Ok(_))) {
            self.place.heard.store(false, Ordering::Relaxed); // answered
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.is_over(cx)?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
