//! The two calls that make bills. They are made once: never repeated, never
//! redirected, on a connection of their own. What came of it is an answer or
//! the caller's next decision.

use std::fmt;

use asaanbill_core::{Bill, NewPayment, Payment};
use chrono::{DateTime, Utc};

use crate::answer_table::{self, Taken};
use crate::body::AddBulkBody;
use crate::client::Client;
use crate::errors::{ReadError, WriteError};
use crate::pace::{CallKind, PaceError};
use crate::session::Session;
use crate::surroundings::{Answer, NoAnswer};

/// The right to make one write now. Got by [`Client::write_turn`], used up by
/// [`Client::add_bulk_body`] or [`Client::add_bulk_body_while`].
#[must_use = "a turn that is not used is a call less this minute"]
pub struct WriteTurn(());

impl fmt::Debug for WriteTurn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WriteTurn")
    }
}

impl Client {
    /// Adds one payment of any of the four types (guide, section 2).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let hub = asaanbill_sandbox::Sandbox::start(listener, Default::default())?;
    /// # let client = asaanbill_http::Client::builder(hub.base_url(), "demo", "demo".into()).reads_per_minute(60_000).build()?;
    /// use asaanbill_core::{NewPayment, OpenQr};
    ///
    /// let shop = OpenQr { title: "Ali Tuck Shop".into(), identifier: None, description: None };
    /// let payment = client.add(&NewPayment::SqrcWithoutAmount(shop)).await?;
    /// println!("print this as a QR: {:?}", payment.qr_string);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`WriteError`]; never repeated by itself.
    pub async fn add(&self, payment: &NewPayment<'_>) -> Result<Payment, WriteError> {
        let body = serde_json::to_vec(payment).map_err(|err| WriteError::NotSent {
            why: err.to_string(),
        })?;
        self.sign_in_if_needed().await?;
        let turn = self.write_turn().await.map_err(no_turn)?;
        let query = ("generationTypes", payment.generation_type().as_str());
        self.write(turn, "add", query, body, || true, answer_table::add)
            .await
    }

    /// Adds up to 5000 bills in one call (guide, section 3). A row in the echo
    /// that is [`Accepted`](asaanbill_core::EchoStatus::Accepted) is taken,
    /// not paid.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let hub = asaanbill_sandbox::Sandbox::start(listener, Default::default())?;
    /// # let client = asaanbill_http::Client::builder(hub.base_url(), "demo", "demo".into()).reads_per_minute(60_000).build()?;
    /// use asaanbill_core::{Bill, Paisa};
    /// use asaanbill_http::WriteError;
    ///
    /// let bill = Bill {
    ///     title: "Ayesha Khan".into(),
    ///     identifier: "GF-2035-001".into(),
    ///     amount: Paisa::parse("1500")?,
    ///     due_date: "2035-08-31".parse()?,
    ///     amount_after_due_date: Paisa::parse("1600")?,
    /// };
    /// match client.add_bulk(&[bill]).await {
    ///     Ok(taken) => println!("bulk request {}", taken.bulk_id),
    ///     Err(WriteError::RowsRefused { echo, .. }) => println!("correct these: {echo:?}"),
    ///     Err(err) if err.is_unknown() => println!("look it up before sending again: {err}"),
    ///     Err(err) => println!("nothing was taken: {err}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`WriteError`]; never repeated by itself.
    pub async fn add_bulk(&self, bills: &[Bill<'_>]) -> Result<Taken, WriteError> {
        let body = AddBulkBody::of(bills).map_err(|err| WriteError::NotSent {
            why: err.to_string(),
        })?;
        self.sign_in_if_needed().await?;
        let turn = self.write_turn().await.map_err(no_turn)?;
        self.add_bulk_body(turn, body).await
    }

    /// Waits until a write may go: the wait of a busy hub, and the pacer's
    /// turn. Dropping the future gives up the wait.
    ///
    /// # Errors
    /// If the pacer gives no turn.
    pub async fn write_turn(&self) -> Result<WriteTurn, PaceError> {
        self.turn(CallKind::Write).await.map(|()| WriteTurn(()))
    }

    /// The call of [`add_bulk`](Client::add_bulk), at once: for a sender that
    /// signs in and waits for its turn *before* it records what it is about to
    /// do.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let hub = asaanbill_sandbox::Sandbox::start(listener, Default::default())?;
    /// # let client = asaanbill_http::Client::builder(hub.base_url(), "demo", "demo".into()).reads_per_minute(60_000).build()?;
    /// # let bill = asaanbill_core::Bill {
    /// #     title: "Ayesha Khan".into(), identifier: "GF-1".into(), amount: asaanbill_core::Paisa::parse("1500")?,
    /// #     due_date: "2035-08-31".parse()?, amount_after_due_date: asaanbill_core::Paisa::parse("1600")? };
    /// use asaanbill_http::AddBulkBody;
    ///
    /// client.sign_in_if_needed().await?;
    /// let turn = client.write_turn().await?;
    /// let body = AddBulkBody::of(&[bill])?;
    /// // Record the intent here, with a hash of body.as_bytes(). Then:
    /// let outcome = client.add_bulk_body(turn, body).await;
    /// assert!(outcome.is_ok());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// See [`WriteError`]. Without a token it is [`WriteError::SignInNeeded`],
    /// and if the hub became busy since the turn was given,
    /// [`WriteError::Wait`]: both at once, and nothing is sent.
    pub async fn add_bulk_body(
        &self,
        turn: WriteTurn,
        body: AddBulkBody,
    ) -> Result<Taken, WriteError> {
        self.add_bulk_body_while(turn, body, || true).await
    }

    /// [`add_bulk_body`](Client::add_bulk_body), for a sender that may call
    /// only until some moment: `may_start` is asked when the connection stands
    /// and the first byte of the body is about to be written. A clock that is
    /// read before the call can't tell that: connecting and TLS come after it,
    /// and the machine may be put to sleep while they last.
    ///
    /// If the answer is no, no byte of the body leaves, now or later, and the
    /// result is [`WriteError::NotSent`]. The head of the request may have
    /// left by then. It promises a `Content-Length` of bytes that never come,
    /// so no hub can work it off. `may_start` is asked once at most, and not
    /// at all where no connection is made; it must answer at once. It has no
    /// say once the body is under way.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let hub = asaanbill_sandbox::Sandbox::start(listener, Default::default())?;
    /// # let client = asaanbill_http::Client::builder(hub.base_url(), "demo", "demo".into()).reads_per_minute(60_000).build()?;
    /// # let bill = asaanbill_core::Bill {
    /// #     title: "Ayesha Khan".into(), identifier: "GF-1".into(), amount: asaanbill_core::Paisa::parse("1500")?,
    /// #     due_date: "2035-08-31".parse()?, amount_after_due_date: asaanbill_core::Paisa::parse("1600")? };
    /// use asaanbill_http::{AddBulkBody, WriteError};
    ///
    /// client.sign_in_if_needed().await?;
    /// let turn = client.write_turn().await?;
    /// let body = AddBulkBody::of(&[bill])?;
    /// // A clock that goes on while the machine sleeps; this one says that it is too late.
    /// let in_time = || false;
    /// let outcome = client.add_bulk_body_while(turn, body, in_time).await;
    /// assert!(matches!(outcome, Err(WriteError::NotSent { .. })));
    /// assert_eq!(hub.state().payments, 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`add_bulk_body`](Client::add_bulk_body).
    pub async fn add_bulk_body_while(
        &self,
        turn: WriteTurn,
        body: AddBulkBody,
        may_start: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Result<Taken, WriteError> {
        let query = ("contentType", "JSON");
        self.write(
            turn,
            "add-bulk",
            query,
            body.into_bytes(),
            may_start,
            answer_table::add_bulk,
        )
        .await
    }

    /// One write, once.
    async fn write<T>(
        &self,
        _turn: WriteTurn,
        path: &str,
        query: (&str, &str),
        body: Vec<u8>,
        may_start: impl Fn() -> bool + Send + Sync + 'static,
        understand: impl Fn(Result<Answer, NoAnswer>, DateTime<Utc>, &[&str]) -> Result<T, WriteError>,
    ) -> Result<T, WriteError> {
        let Some(session) = self.inner.desk.session_other_than(None) else {
            return Err(WriteError::SignInNeeded);
        };
        if let Some(after) = self.busy_for() {
            let message = "the hub became busy before this call".to_owned();
            return Err(WriteError::Wait { after, message });
        }
        let request = self
            .post(&[path], &session)
            .query(&[query])
            .body(body, may_start);
        let deadline = self.inner.settings.write_deadline;
        let outcome = self.exchange(request, deadline).await;
        let secrets = self.secrets();
        let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
        let now = self.surroundings().utc_now();
        let mut result = understand(outcome, now, &secrets);
        match &mut result {
            Err(WriteError::Wait { after, .. }) => *after = self.leave_alone(*after),
            Err(WriteError::SignInAgain { .. }) => self.prepare_next_attempt(&session).await?,
            _ => {}
        }
        result
    }

    /// After a 401: a new token for the caller's next attempt. That the hub
    /// can't be reached just now is the next attempt's business; that it does
    /// not let this user in any more is said at once.
    async fn prepare_next_attempt(&self, dead: &Session) -> Result<(), WriteError> {
        match self.session_other_than(Some(dead.generation)).await {
            Err(err @ (ReadError::SignInFailed { .. } | ReadError::Unreadable { .. })) => {
                self.inner.desk.forget(dead.generation);
                Err(err.into())
            }
            Err(_) => {
                self.inner.desk.forget(dead.generation);
                Ok(())
            }
            Ok(_) => Ok(()),
        }
    }
}

fn no_turn(err: PaceError) -> WriteError {
    WriteError::NotSent {
        why: err.to_string(),
    }
}
