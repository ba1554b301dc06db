//! The body of a write on its way out. When its first byte is asked for, which
//! is after connecting and TLS, it asks in turn whether it may still go. A
//! process that was suspended in between thus does not send, minutes later,
//! what others have meanwhile decided was never sent.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

/// These bytes as a request's body, which leaves only if `may_start` says so,
/// and what became of it.
///
/// Its size is known beforehand, so it goes with a `Content-Length`. It can't
/// be cloned, so no layer below can send it again.
pub(crate) fn body_of(
    bytes: Vec<u8>,
    may_start: impl Fn() -> bool + Send + Sync + 'static,
) -> (reqwest::Body, Departure) {
    let refused = Arc::new(AtomicBool::new(false));
    let departure = Departure {
        refused: Arc::clone(&refused),
    };
    let body = AskedBody {
        bytes: Bytes::from(bytes),
        may_start: Box::new(may_start),
        refused,
    };
    (reqwest::Body::wrap(body), departure)
}

/// What became of a body.
#[derive(Debug)]
pub(crate) struct Departure {
    refused: Arc<AtomicBool>,
}

impl Departure {
    /// Whether it was kept back: then none of its bytes left, nor ever will.
    /// `false` proves nothing.
    pub(crate) fn was_refused(&self) -> bool {
        self.refused.load(Ordering::Acquire)
    }
}

struct AskedBody {
    /// All, until they are handed over in one piece; then none.
    bytes: Bytes,
    may_start: Box<dyn Fn() -> bool + Send + Sync>,
    refused: Arc<AtomicBool>,
}

/// Why the body does not come. Only for the layers below: the caller is told
/// by [`Departure`].
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
        if self.refused.load(Ordering::Acquire) {
            // Asked again: a no stays a no.
            return Poll::Ready(Some(Err(KeptBack)));
        }
        if self.bytes.is_empty() {
            return Poll::Ready(None);
        }
        if !(self.may_start)() {
            self.refused.store(true, Ordering::Release);
            return Poll::Ready(Some(Err(KeptBack)));
        }
        Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.bytes)))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        // A usize has at most 64 bits wherever this is built.
        SizeHint::with_exact(self.bytes.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use http_body::Body;

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
        let (mut body, departure) = body_of(b"bills".to_vec(), || true);
        assert_eq!(body.size_hint().exact(), Some(5));
        assert!(!body.is_end_stream());
        assert_eq!(next(&mut body), Some(Some(b"bills".to_vec())));
        assert_eq!(body.size_hint().exact(), Some(0));
        assert!(body.is_end_stream());
        assert_eq!(next(&mut body), None);
        assert!(!departure.was_refused());
    }

    #[test]
    fn a_no_stays_a_no_even_if_the_clock_would_say_yes_later() {
        let asked = AtomicBool::new(false);
        let only_the_first_is_no = move || asked.swap(true, Ordering::Relaxed);
        let (mut body, departure) = body_of(b"bills".to_vec(), only_the_first_is_no);
        assert!(!departure.was_refused(), "nobody has asked for it yet");
        assert_eq!(next(&mut body), Some(None));
        assert!(departure.was_refused());
        assert_eq!(next(&mut body), Some(None));
        assert_eq!(body.size_hint().exact(), Some(5), "it is not shorter now");
    }
}
