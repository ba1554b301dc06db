//! Everything a client needs from outside of itself: somebody who carries a
//! request to the hub, a clock, a pause, and chance. The program's are the
//! internet and the machine's; a test or a simulator brings its own.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;

use crate::request::Request;

/// The world around a [`Client`](crate::Client). Whoever sets none gets the
/// internet, by reqwest and tokio. One of your own
/// ([`ClientBuilder::surroundings`](crate::ClientBuilder::surroundings)) is
/// for tests without a port and without waiting, and for simulators that
/// decide what time it is and which answer is lost. The client asks nobody
/// else for any of this, so that equal surroundings make an equal run, and no
/// runtime is needed for it.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use std::time::Duration;
///
/// use asaanbill_http::{Answer, AnswerBody, Client, Limits, NoAnswer, Request, Surroundings};
/// use chrono::{DateTime, Utc};
/// use futures::future::{BoxFuture, FutureExt, ready};
///
/// /// A hub that lets everybody in, and a clock that only sleeping moves.
/// #[derive(Default)]
/// struct Paper {
///     now: Mutex<Duration>,
/// }
///
/// impl Surroundings for Paper {
///     fn exchange(&self, request: Request, _: Limits) -> BoxFuture<'_, Result<Answer, NoAnswer>> {
///         let answer = match request.path() {
///             "/integration/login" => r#"{"responseCode":200,"data":{"token":"t","channel":{"id":23}}}"#,
///             _ => return ready(Err(NoAnswer::Lost("nobody there".to_owned()))).boxed(),
///         };
///         let carried = request.release_body().map(|_password| Answer {
///             status: 200,
///             retry_after: None,
///             date: None,
///             body: AnswerBody::Whole(answer.into()),
///         });
///         ready(carried).boxed()
///     }
///     fn now(&self) -> Duration {
///         *self.now.lock().unwrap()
///     }
///     fn utc_now(&self) -> DateTime<Utc> {
///         DateTime::UNIX_EPOCH + self.now()
///     }
///     fn sleep(&self, how_long: Duration) -> BoxFuture<'_, ()> {
///         *self.now.lock().unwrap() += how_long;
///         ready(()).boxed()
///     }
///     fn chance(&self, _: u64) -> u64 {
///         0
///     }
/// }
///
/// let client = Client::builder("https://hub.example", "demo", "demo".into())
///     .surroundings(Arc::new(Paper::default()))
///     .build()?;
/// let login = futures::executor::block_on(client.login())?;
/// assert_eq!(login.channel_id.as_deref(), Some("23"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Surroundings: Send + Sync {
    /// Carries one request to the hub, once, and what comes back. Nothing is
    /// repeated or followed here: what to make of an answer, or of none, is
    /// the client's business. The body leaves by [`Request::release_body`],
    /// which may say no. The caller may drop the future at any time; what left
    /// by then has left.
    ///
    /// # Errors
    /// [`NoAnswer::NotSent`] is a promise: no byte of the body left, and none
    /// will. Whoever can't promise that says [`NoAnswer::Lost`]. An answer
    /// whose status came is no error, even if its body was cut.
    fn exchange(&self, request: Request, limits: Limits)
    -> BoxFuture<'_, Result<Answer, NoAnswer>>;

    /// The time since some moment that stays the same. It never goes back.
    fn now(&self) -> Duration;

    /// The time of day, for a `Retry-After` that names a date where the hub
    /// sends no `Date` of its own.
    fn utc_now(&self) -> DateTime<Utc>;

    /// Is over once [`now`](Surroundings::now) is later by so much.
    fn sleep(&self, how_long: Duration) -> BoxFuture<'_, ()>;

    /// One of so many, by chance: 0 or more, and below `parts`, which is never
    /// 0. It spreads pauses, so that many clients do not come back at once.
    fn chance(&self, parts: u64) -> u64;
}

/// How long one exchange may take, and how many bytes its answer may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From its start to the last byte of the answer. If no status came by
    /// then, the answer is [`Lost`](NoAnswer::Lost); if its body did not,
    /// it is [`Cut`](AnswerBody::Cut).
    pub deadline: Duration,
    /// The longest body; a longer one is [`TooLarge`](AnswerBody::TooLarge).
    pub answer_bytes_max: usize,
}

/// What came back, as far as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The header `Retry-After`, as it stands.
    pub retry_after: Option<String>,
    /// The header `Date`, as it stands.
    pub date: Option<String>,
    /// The body.
    pub body: AnswerBody,
}

/// The body of an answer.
#[derive(Clone, PartialEq, Eq)]
pub enum AnswerBody {
    /// All of it.
    Whole(Vec<u8>),
    /// It ended early, for this reason.
    Cut(String),
    /// It is longer than is read.
    TooLarge,
}

/// No status came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// Provably no byte of the body left, for this reason.
    NotSent(String),
    /// It may have arrived; this is all that is known.
    Lost(String),
}

/// Its length alone: it may hold the token.
impl fmt::Debug for AnswerBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AnswerBody::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            AnswerBody::Cut(why) => f.debug_tuple("Cut").field(why).finish(),
            AnswerBody::TooLarge => f.write_str("TooLarge"),
        }
    }
}
