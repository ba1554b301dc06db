//! AsaanBill as a gateway: what its client says, as decisions of the road.

mod adopting;
mod age;
mod bills;
mod echo;
mod likeness;
mod looking;
mod pacing;
mod reading;
pub mod rows;
pub mod template;
pub mod told;
mod words;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use asaanbill_core::{Bill, Paisa, Payment, Psid};
use asaanbill_http::{AddBulkBody, Client, PageAsk, ReadError, WriteError, WriteTurn};
use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use ingest_ledger::planted::Bug;
use ingest_ledger::{BillRow, HubBill, Ledger, LedgerError, OpenRow, RowSet};
use sha2::{Digest, Sha256};

use self::looking::Known;
use super::{AskError, Body, Doubt, Gateway, LookUp, MayStart, NotReady, RequestReading, Sent};
use crate::account::lock;
use crate::config::Account;
use crate::exit::Failure;
use crate::world::World;
use pacing::LedgerPacer;
use reading::reading_of;

/// Connecting takes at most this long; until then provably nothing was sent.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// A call has ended after this, whatever happens; shorter than the intent's deadline.
const WRITE_WITHIN: Duration = Duration::from_secs(120);

/// What carries the client's requests to the hub, where that is not the internet.
pub type Line = Arc<dyn asaanbill_http::Surroundings>;

/// One account's side of AsaanBill.
pub struct AsaanBill {
    client: Client,
    /// What was sent, and what came back: which requests are older than a chunk.
    ledger: Ledger,
    turn: Mutex<Option<WriteTurn>>,
}

impl AsaanBill {
    /// Of an account; reads and sign-ins take their places in the account's rate from the ledger.
    ///
    /// # Errors
    /// A base URL or password that can't be used.
    pub fn new(account: &Account, ledger: &Ledger, world: &World) -> Result<AsaanBill, Failure> {
        Ok(AsaanBill {
            client: client_in(account, Some(ledger.clone()), world)?,
            ledger: ledger.clone(),
            turn: Mutex::default(),
        })
    }
}

/// The client of an account's configuration. With a ledger its reads are counted across
/// processes and restarts; without one, in this process alone.
///
/// # Errors
/// A base URL or password that can't be used.
pub fn client(account: &Account, ledger: Option<Ledger>) -> Result<Client, Failure> {
    client_in(account, ledger, &World::real())
}

fn client_in(account: &Account, ledger: Option<Ledger>, world: &World) -> Result<Client, Failure> {
    let password = account.read_password()?;
    let mut builder = Client::builder(account.base_url.clone(), account.username.clone(), password)
        .requests_per_minute(account.requests_per_minute)
        .reads_per_minute(account.reads_per_minute)
        .connect_timeout(CONNECT_WITHIN)
        .write_deadline(WRITE_WITHIN);
    if let Some(line) = &world.line {
        builder = builder.surroundings(Arc::clone(line));
    }
    if let Some(ledger) = ledger {
        builder = builder.pacer(Arc::new(LedgerPacer::new(account, ledger, world)));
    }
    builder
        .build()
        .map_err(|error| Failure::usage(format!("account {}: {error}", account.name)))
}

impl Gateway for AsaanBill {
    fn ready(&self) -> BoxFuture<'_, Result<(), NotReady>> {
        async move {
            self.client
                .sign_in_if_needed()
                .await
                .map_err(|error| match error {
                    ReadError::Wait { after } => NotReady::Wait(after, error.to_string()),
                    ReadError::Unreachable { why }
                    | ReadError::Unreadable { why }
                    | ReadError::NoTurn { why } => NotReady::Unreachable(why),
                    refused => NotReady::SignInRefused(words_of(&refused)),
                })?;
            // The ledger paces writes when the intent is stored; what is left to wait for here
            // is a hub that asked to be left alone.
            const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(1);
            match self.client.write_turn().now_or_never() {
                Some(Ok(turn)) => {
                    *lock(&self.turn) = Some(turn);
                    Ok(())
                }
                Some(Err(error)) => Err(NotReady::Unreachable(error.to_string())),
                None => Err(NotReady::Wait(
                    ASKED_AGAIN_AFTER,
                    "the hub asked to be left alone".to_owned(),
                )),
            }
        }
        .boxed()
    }

    fn body(&self, bills: &[BillRow]) -> Body {
        let bytes = as_body(bills)
            .map(|body| body.as_bytes().to_vec())
            .unwrap_or_default();
        Body {
            sha256: Sha256::digest(&bytes).into(),
            bytes,
        }
    }

    fn send<'a>(
        &'a self,
        body: Body,
        bills: &'a [BillRow],
        may_start: MayStart,
    ) -> BoxFuture<'a, Sent> {
        async move {
            let turn = lock(&self.turn).take();
            let Some(turn) = turn else {
                return Sent::NotSent("no turn was taken for this call".to_owned());
            };
            let call = match as_body(bills) {
                Ok(call) if call.as_bytes() == body.bytes => call,
                Ok(_) => {
                    return Sent::NotSent("the body is not the one that was recorded".to_owned());
                }
                Err(why) => return Sent::NotSent(why),
            };
            let mut answer = self
                .client
                .add_bulk_body_while(turn, call.clone(), may_start)
                .await;
            if Bug::CallsAgainWhenCut.is_planted()
                && matches!(answer, Err(WriteError::Unknown { .. }))
                && let Some(Ok(turn)) = self.client.write_turn().now_or_never()
            {
                answer = self.client.add_bulk_body(turn, call).await;
            }
            sent_of(answer, bills)
        }
        .boxed()
    }

    fn look_up<'a>(
        &'a self,
        doubts: &'a [Doubt],
        owned: &'a HashSet<String>,
    ) -> BoxFuture<'a, Result<LookUp, AskError>> {
        async move {
            let unread = |error: LedgerError| AskError::Ledger(error.to_string());
            let mut taken_before = HashMap::new();
            // One list for all of them: what is older than each.
            let mut listed_before: Option<HashMap<_, _>> = None;
            for doubt in doubts {
                let before = self.ledger.requests_before(doubt.chunk_id).await;
                taken_before.insert(doubt.chunk_id, before.map_err(unread)?);
                let mut older = self
                    .ledger
                    .listed_before(doubt.chunk_id)
                    .await
                    .map_err(unread)?;
                if let Some(of_others) = listed_before {
                    older.retain(|id, _| of_others.contains_key(id));
                }
                listed_before = Some(older);
            }
            let known = Known {
                owned,
                taken_before: &taken_before,
                listed_before: &listed_before.unwrap_or_default(),
            };
            looking::look(&self.client, doubts, &known).await
        }
        .boxed()
    }

    fn listed(&self) -> BoxFuture<'_, Result<HashSet<String>, AskError>> {
        looking::listed(&self.client).boxed()
    }

    fn every_request(&self) -> BoxFuture<'_, Result<Vec<String>, AskError>> {
        looking::every_number(&self.client).boxed()
    }

    fn bills<'a>(&'a self, request_id: &'a str) -> BoxFuture<'a, Result<Vec<HubBill>, AskError>> {
        async move {
            let id = number(request_id)?;
            let (_processed, payments) = looking::request(&self.client, id).await?;
            bills::bills_of(&payments).map_err(AskError::Hidden)
        }
        .boxed()
    }

    fn ask<'a>(
        &'a self,
        request_id: &'a str,
        rows: &'a [OpenRow],
    ) -> BoxFuture<'a, Result<RequestReading, AskError>> {
        async move {
            let id = number(request_id)?;
            let (processed, payments) = looking::request(&self.client, id).await?;
            Ok(reading_of(processed, &payments, rows))
        }
        .boxed()
    }

    fn paid_at<'a>(
        &'a self,
        payment_id: Option<&'a str>,
        psid: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Option<DateTime<Utc>>, AskError>> {
        self.when_paid(payment_id, psid).boxed()
    }
}

impl AsaanBill {
    async fn when_paid(
        &self,
        payment_id: Option<&str>,
        psid: Option<&str>,
    ) -> Result<Option<DateTime<Utc>>, AskError> {
        let id = payment_id.map(number).transpose()?;
        if let Some(id) = id {
            match self.client.payment(id).await {
                // The guide calls this "by payment id" and "by PSID": believed only if it is ours.
                Ok(payment) if payment.id == Some(id) && paid_time(&payment).is_some() => {
                    return Ok(paid_time(&payment));
                }
                Ok(_) | Err(ReadError::NotFound { .. }) => {}
                Err(error) => return Err(asked(error)),
            }
        }
        let Some(psid) = psid.and_then(|psid| Psid::parse(psid).ok()) else {
            return Ok(None);
        };
        let page = match self.client.search(&psid, PageAsk::first()).await {
            Ok(page) => page,
            Err(ReadError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(asked(error)),
        };
        Ok(page
            .content
            .iter()
            .find(|payment| payment.id.is_some() && payment.id == id)
            .and_then(paid_time))
    }
}

fn paid_time(payment: &Payment) -> Option<DateTime<Utc>> {
    payment.paid_at.as_ref().and_then(|time| time.utc)
}

fn as_body(bills: &[BillRow]) -> Result<AddBulkBody, String> {
    let bills: Vec<Bill<'_>> = bills
        .iter()
        .map(|bill| Bill {
            title: Cow::Borrowed(&bill.title),
            identifier: Cow::Borrowed(&bill.identifier),
            amount: Paisa::from_paisa(match Bug::PaisaAreCut.is_planted() {
                true => bill.amount / 100 * 100,
                false => bill.amount,
            }),
            due_date: bill.due_date,
            amount_after_due_date: Paisa::from_paisa(bill.amount_after_due_date),
        })
        .collect();
    AddBulkBody::of(&bills).map_err(|error| error.to_string())
}

/// The answer table, one line each.
fn sent_of(answer: Result<asaanbill_http::Taken, WriteError>, bills: &[BillRow]) -> Sent {
    let everything = || bills.iter().map(|bill| bill.row_no).collect::<RowSet>();
    match answer {
        Ok(taken) => {
            let verdict = taken.echo.as_deref().map(|rows| echo::settle(bills, rows));
            let (refused, unproven) = match verdict {
                Some(verdict) => (verdict.refused, verdict.unproven),
                // Taken, but nothing is said of the rows: they are read from the request.
                None => (Vec::new(), everything()),
            };
            Sent::Taken {
                request_id: taken.bulk_id.to_string(),
                refused,
                unproven,
                message: taken.message,
            }
        }
        Err(WriteError::RowsRefused { echo, message }) => {
            let verdict = echo::settle(bills, &echo);
            if !verdict.accepted.is_empty() {
                return Sent::Unknown(format!("a refusal that accepts rows: {message}"));
            }
            Sent::RowsRefused {
                refused: verdict.refused,
                unnamed: verdict.unproven,
                message: Some(message),
            }
        }
        Err(WriteError::RefusedWhole { message }) => Sent::RefusedWhole(message),
        Err(WriteError::SignInAgain { message }) => Sent::SignInAgain(message),
        Err(WriteError::SignInNeeded) => Sent::SignInAgain("not signed in".to_owned()),
        Err(WriteError::SignInFailed { message }) => Sent::Forbidden(message),
        Err(WriteError::Forbidden { status, message }) => {
            Sent::Forbidden(format!("{status}: {message}"))
        }
        Err(WriteError::TooLarge { message }) => Sent::TooLarge(message),
        Err(WriteError::Wait { after, message }) => Sent::Wait(after, message),
        Err(WriteError::NotSent { why }) => Sent::NotSent(why),
        Err(WriteError::Unknown { why, .. }) => Sent::Unknown(why),
        // A later client may know more answers; what we don't know is unknown.
        Err(other) => Sent::Unknown(other.to_string()),
    }
}

fn number(id: &str) -> Result<i64, AskError> {
    id.trim()
        .parse()
        .map_err(|_| AskError::NotFound(format!("`{id}` is no number of AsaanBill's")))
}

/// What a failed reading means.
fn asked(error: ReadError) -> AskError {
    match error {
        ReadError::NotFound { message } => AskError::NotFound(message),
        ReadError::SignInFailed { .. } | ReadError::Forbidden { .. } => {
            AskError::Refused(words_of(&error))
        }
        ReadError::NoTurn { why } => AskError::Ledger(why),
        other => AskError::Unreadable(other.to_string()),
    }
}

fn words_of(error: &ReadError) -> String {
    match error {
        ReadError::SignInFailed { message } | ReadError::Forbidden { message } => message.clone(),
        other => other.to_string(),
    }
}
