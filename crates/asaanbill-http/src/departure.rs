//! A body on its way out. When its first byte is asked for, which on the
//! internet is after connecting and TLS, it asks in turn whether it may still
//! go. A process that was suspended in between thus does not send, minutes
//! later, what others have meanwhile decided was never sent.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

/// Said of a body that was kept back.
pub(crate) const TOO_LATE: &str = "too much time passed before the first byte";

/// The body of a request, and whether it may leave: asked once, when it is
/// about to.
pub(crate) struct Departing {
    bytes: Bytes,
    may_start: Box<dyn Fn() -> bool + Send + Sync>,
    said: OnceLock<bool>,
}

impl Departing {
    /// These bytes, which leave only if `may_start` says so.
    pub(crate) fn new(
        bytes: Vec<u8>,
        may_start: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Departing {
        Departing {
            bytes: Bytes::from(bytes),
            may_start: Box::new(may_start),
            said: OnceLock::new(),
        }
    }

    /// The bytes, if they may leave. The answer stays what it was the first
    /// time: a no is a no even if the clock would say yes later.
    pub(crate) fn release(&self) -> Option<&Bytes> {
        let may_leave = *self.said.get_or_init(|| (self.may_start)());
        may_leave.then_some(&self.bytes)
    }

    /// Whether it was kept back: then none of its bytes left, nor ever will.
    /// `false` proves nothing.
    pub(crate) fn was_kept_back(&self) -> bool {
        self.said.get() == Some(&false)
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// As a body of reqwest's. Its size is known beforehand, so it goes with a
    /// `Content-Length`. It can't be cloned, so no layer below can send it
    /// again.
    pub(crate) fn onto_the_wire(self: &Arc<Departing>) -> reqwest::Body {
        reqwest::Body::wrap(AskedBody {
            departing: Arc::clone(self),
            is_handed_over: false,
        })
    }
}

/// Hands over all bytes in one piece.
struct AskedBody {
    departing: Arc<Departing>,
    is_handed_over: bool,
}

impl AskedBody {
    fn bytes_left(&self) -> usize {
        if self.is_handed_over {
            0
        } else {
            self.departing.len()
        }
    }
}

/// Why the body does not come. Only for the layers below: the caller is told
/// by [`Departing::was_kept_back`].
#[derive(Debug)]
struct KeptBack;

impl fmt::Display for KeptBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body was kept back")
    }
}

impl std::error::Error for KeptBack {}

impl http_body::Body for AskedBody {
    type Data = Bytes;
    type Error = KeptBack;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, KeptBack>>> {
        if self.bytes_left() == 0 {
            return Poll::Ready(None);
        }
        let Some(bytes) = self.departing.release().cloned() else {
            return Poll::Ready(Some(Err(KeptBack)));
        };
        self.is_handed_over = true;
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes_left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        // A usize has at most 64 bits wherever this is built.
        SizeHint::with_exact(self.bytes_left() as u64)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use http_body::Body;

    fn body_of(
        bytes: &[u8],
        may_start: impl Fn() -> bool + Send + Sync + 'static,
    ) -> (reqwest::Body, Arc<Departing>) {
        let departing = Arc::new(Departing::new(bytes.to_vec(), may_start));
        (departing.onto_the_wire(), departing)
    }

    fn next(body: &mut reqwest::Body) -> Option<Option<Vec<u8>>> {
        let mut cx = Context::from_waker(std::task::Waker::noop());
        match Pin::new(body).poll_frame(&mut cx) {
            Poll::Pending => panic!("it waits for nothing"),
            Poll::Ready(None) => None,
            Poll::Ready(Some(Err(_))) => Some(None),
            Poll::Ready(Some(Ok(frame))) => Some(Some(frame.into_data().unwrap().to_vec())),
        }
    }

    #[test]
    fn a_body_that_may_go_goes_whole_and_once() {
        let (mut body, departing) = body_of(b"bills", || true);
        assert_eq!(body.size_hint().exact(), Some(5));
        assert!(!body.is_end_stream());
        assert_eq!(next(&mut body), Some(Some(b"bills".to_vec())));
        assert_eq!(body.size_hint().exact(), Some(0));
        assert!(body.is_end_stream());
        assert_eq!(next(&mut body), None);
        assert!(!departing.was_kept_back());
    }

    #[test]
    fn a_no_stays_a_no_even_if_the_clock_would_say_yes_later() {
        let asked = AtomicBool::new(false);
        let only_the_first_is_no = move || asked.swap(true, Ordering::Relaxed);
        let (mut body, departing) = body_of(b"bills", only_the_first_is_no);
        assert!(!departing.was_kept_back(), "nobody has asked for it yet");
        assert_eq!(next(&mut body), Some(None));
        assert!(departing.was_kept_back());
        assert_eq!(next(&mut body), Some(None));
        assert_eq!(body.size_hint().exact(), Some(5), "it is not shorter now");
    }
}
