//! Errors that are the caller's next decision.
//!
//! A write's errors follow the answer table one line each. Two of them matter
//! above all: everything but [`WriteError::Unknown`] means that the hub took
//! nothing, and `Unknown` means that nobody may send the same again before the
//! hub has been asked. None of them carries the token or the password.

use std::time::Duration;

use asaanbill_core::EchoRow;

/// Why a write did not end in bills.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// 400 with an echo of errors only: these rows are refused, each in its
    /// own words. A row that the echo does not name is unknown.
    #[error("the hub refused the rows: {message}")]
    RowsRefused {
        /// The rows, every one [`EchoStatus::Refused`](asaanbill_core::EchoStatus::Refused).
        echo: Vec<EchoRow>,
        /// The hub's words about the whole.
        message: String,
    },
    /// 400 without an echo: the request as a whole was refused.
    #[error("the hub refused the request: {message}")]
    RefusedWhole {
        /// The hub's words.
        message: String,
    },
    /// It answered 401: nothing was taken. The client has dropped the token, and has signed
    /// in again if the hub let it; the caller decides on a new attempt.
    #[error("the hub no longer knew the token: {message}")]
    SignInAgain {
        /// The hub's words.
        message: String,
    },
    /// There is no token; nothing was sent. Call
    /// [`sign_in_if_needed`](crate::Client::sign_in_if_needed).
    #[error("not signed in")]
    SignInNeeded,
    /// The hub does not let this user in; nothing was sent.
    #[error("the hub does not let this user in: {message}")]
    SignInFailed {
        /// The hub's words.
        message: String,
    },
    /// 403 or 404: this user may not, or the address is wrong.
    #[error("the hub answered {status}: {message}")]
    Forbidden {
        /// 403 or 404.
        status: u16,
        /// The hub's words.
        message: String,
    },
    /// 413: too much for one call; send halves.
    #[error("the request is too large for the hub: {message}")]
    TooLarge {
        /// The hub's words.
        message: String,
    },
    /// 429: the hub is busy; nothing was taken.
    #[error("the hub wants to be left alone for {} s", after.as_secs())]
    Wait {
        /// How long; the client keeps all its calls back until then.
        after: Duration,
        /// The hub's words.
        message: String,
    },
    /// Provably no byte of the body left this machine.
    #[error("nothing was sent: {why}")]
    NotSent {
        /// For a person.
        why: String,
    },
    /// Anything else: the hub may have taken all, some or nothing. Look it up
    /// before anything is sent again.
    #[error("the outcome is unknown: {why}")]
    Unknown {
        /// For a person.
        why: String,
        /// The HTTP status, if one came.
        status: Option<u16>,
    },
}

impl WriteError {
    /// Whether the hub may have taken something all the same.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, WriteError::Unknown { .. })
    }
}

/// Why a read has no answer. Reads change nothing: any of them may be asked
/// again later.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The hub does not let this user in, or no longer, even after a new login.
    #[error("the hub does not let this user in: {message}")]
    SignInFailed {
        /// The hub's words.
        message: String,
    },
    /// 403: this user may not.
    #[error("the hub forbids it: {message}")]
    Forbidden {
        /// The hub's words.
        message: String,
    },
    /// 404: there is no such thing.
    #[error("the hub does not have it: {message}")]
    NotFound {
        /// The hub's words.
        message: String,
    },
    /// 400 or another 4xx.
    #[error("the hub refused to answer ({status}): {message}")]
    Refused {
        /// The status.
        status: u16,
        /// The hub's words.
        message: String,
    },
    /// The hub is busy for longer than this call may take.
    #[error("the hub wants to be left alone for {} s", after.as_secs())]
    Wait {
        /// How long; the client keeps all its calls back until then.
        after: Duration,
    },
    /// No connection, no answer in time, a cut answer or a 5xx, several times
    /// in a row.
    #[error("the hub can't be reached: {why}")]
    Unreachable {
        /// For a person.
        why: String,
    },
    /// It answered something that is no answer, several times in a row.
    #[error("the hub's answer can't be read: {why}")]
    Unreadable {
        /// For a person.
        why: String,
    },
    /// The pacer gave no turn; nothing was asked.
    #[error("no turn to call the hub: {why}")]
    NoTurn {
        /// For a person.
        why: String,
    },
}

/// What stands in for a write where its sign-in went wrong. Nothing was sent.
impl From<ReadError> for WriteError {
    fn from(err: ReadError) -> WriteError {
        match err {
            ReadError::Wait { after } => WriteError::Wait {
                after,
                message: "while signing in".to_owned(),
            },
            ReadError::Unreachable { why } | ReadError::NoTurn { why } => {
                WriteError::NotSent { why }
            }
            ReadError::SignInFailed { message }
            | ReadError::Forbidden { message }
            | ReadError::NotFound { message }
            | ReadError::Refused { message, .. }
            | ReadError::Unreadable { why: message } => WriteError::SignInFailed { message },
        }
    }
}
