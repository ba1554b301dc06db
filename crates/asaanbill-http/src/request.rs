//! One request on its way to the hub, as its surroundings see it: readable,
//! not to be copied, and with a body that is asked for when it leaves.

use std::fmt;
use std::sync::Arc;

use reqwest::header::HeaderMap;
use reqwest::{Method, Url};

use crate::departure::{Departing, TOO_LATE};
use crate::pace::CallKind;
use crate::surroundings::NoAnswer;

/// A request that is ready to go. It can't be cloned: it is carried once.
/// Its `Debug` shows neither headers nor body, which hold the token, the
/// password and payers' names.
pub struct Request {
    kind: CallKind,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Arc<Departing>>,
}

impl Request {
    /// A request for this address.
    pub(crate) fn new(kind: CallKind, method: Method, url: Url, headers: HeaderMap) -> Request {
        Request {
            kind,
            method,
            url,
            headers,
            body: None,
        }
    }

    /// With these pairs in its query.
    pub(crate) fn query(mut self, pairs: &[(&str, &str)]) -> Request {
        if !pairs.is_empty() {
            self.url.query_pairs_mut().extend_pairs(pairs);
        }
        self
    }

    /// With a body that leaves only if `may_start` says so.
    pub(crate) fn body(
        mut self,
        bytes: Vec<u8>,
        may_start: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Request {
        self.body = Some(Arc::new(Departing::new(bytes, may_start)));
        self
    }

    /// What it is for. A [`Write`](CallKind::Write) must go on a connection of
    /// its own: on a kept one that the hub has closed meanwhile, nobody can
    /// tell whether it arrived.
    #[must_use]
    pub fn kind(&self) -> CallKind {
        self.kind
    }

    /// `GET` or `POST`.
    #[must_use]
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The whole address.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// The path of the address, escaped, such as `/integration/add-bulk`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// The query of the address, escaped and without its question mark, such
    /// as `contentType=JSON`.
    #[must_use]
    pub fn query_string(&self) -> Option<&str> {
        self.url.query()
    }

    /// The headers of the guide, their names in lower case. What HTTP itself
    /// needs (`host`, `content-length`) is not among them. The token is.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
    }

    /// How long the body is, in bytes, whether or not it may leave.
    #[must_use]
    pub fn content_length(&self) -> usize {
        self.body.as_ref().map_or(0, |body| body.len())
    }

    /// The body, at the moment it leaves; an empty one where there is none.
    /// The sender of a write is asked now whether it may still go (see
    /// [`add_bulk_body_while`](crate::Client::add_bulk_body_while)), so ask
    /// for it only when its first byte is the next thing to be sent. The sender
    /// is asked once: calling this again answers the same.
    ///
    /// # Errors
    /// [`NoAnswer::NotSent`] if it may not. That is the exchange's result, and
    /// the client holds to it whatever else is answered.
    pub fn release_body(&self) -> Result<&[u8], NoAnswer> {
        match &self.body {
            None => Ok(&[]),
            Some(body) => match body.release() {
                Some(bytes) => Ok(bytes),
                None => Err(NoAnswer::NotSent(TOO_LATE.to_owned())),
            },
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("kind", &self.kind)
            .field("method", &self.method())
            .field("url", &self.url())
            .field("content_length", &self.content_length())
            .finish_non_exhaustive()
    }
}
