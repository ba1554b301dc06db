//! The seam between the road and a payment hub: what the road asks of any gateway.
//!
//! AsaanBill is the first. Others come with other rules about what is safe to send again, so
//! that is each gateway's own word: every answer here is already the road's next decision.

pub mod asaanbill;
mod witnessed;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use ingest_ledger::{BillRow, CallbackNames, HubBill, Ledger, OpenRow, RowSet, RowState};

pub use asaanbill::rows::{IDENTIFIER_FIELD, Met, Seen};
use fee_sheet::{Field, SheetRow, Template};

use crate::config::{Account, GatewayKind};
use crate::exit::Failure;
use crate::language::Language;
use crate::sheet::{BillView, Readable, RowProblem, SheetRules, UsualHeadings};
use crate::world::World;

/// A payment hub, as one account sees it.
pub trait Gateway: Send + Sync {
    /// Whatever a call needs beforehand (signing in), so that nothing stands between intent and call.
    fn ready(&self) -> BoxFuture<'_, Result<(), NotReady>>;

    /// The exact bytes a call would carry for these bills.
    fn body(&self, bills: &[BillRow]) -> Body;

    /// Makes the call, once. Every row of `bills` is settled by the answer, or named as unproven.
    /// `may_start` is asked just before the body's first byte would leave; a no is `NotSent`.
    fn send<'a>(
        &'a self,
        body: Body,
        bills: &'a [BillRow],
        may_start: MayStart,
    ) -> BoxFuture<'a, Sent>;

    /// Looks for chunks whose answer is not known among the hub's requests that nobody owns. One
    /// request that can't be read is in the way, and no error; an error decides nothing.
    fn look_up<'a>(
        &'a self,
        doubts: &'a [Doubt],
        owned: &'a HashSet<String>,
    ) -> BoxFuture<'a, Result<LookUp, AskError>>;

    /// The numbers of the requests that the hub lists, as far as a few pages tell.
    fn listed(&self) -> BoxFuture<'_, Result<HashSet<String>, AskError>>;

    /// The number of every request that the hub lists; the whole list or none of it.
    fn every_request(&self) -> BoxFuture<'_, Result<Vec<String>, AskError>>;

    /// Every bill of one request, read whole, whoever made it.
    fn bills<'a>(&'a self, request_id: &'a str) -> BoxFuture<'a, Result<Vec<HubBill>, AskError>>;

    /// Reads one request whole: what it holds, and what became of these rows.
    fn ask<'a>(
        &'a self,
        request_id: &'a str,
        rows: &'a [OpenRow],
    ) -> BoxFuture<'a, Result<RequestReading, AskError>>;

    /// When a payment was paid, if the hub says so.
    fn paid_at<'a>(
        &'a self,
        payment_id: Option<&'a str>,
        psid: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Option<DateTime<Utc>>, AskError>>;
}

/// Judges the rows of one file by a gateway's rules. A row's verdict never rests on its neighbours.
pub trait RowJudge {
    /// What a row is; and everything that is to be said of it, warnings too, into `problems`.
    fn judge<'a>(&mut self, row: &'a SheetRow, problems: &mut Vec<RowProblem>) -> Judgement<'a>;

    /// The payer's identifier as it is compared within the file; empty where there is none.
    fn identifier<'j>(&self, judgement: &'j Judgement<'_>) -> &'j str;
}

/// What a row is by itself.
#[derive(Debug)]
pub struct Judgement<'a> {
    /// The bill, if nothing is wrong with the row.
    pub bill: Option<BillView<'a>>,
    /// What could be read of it in any case.
    pub readable: Readable<'a>,
}

/// The fields of a gateway's sheets, in the order rows carry them.
pub fn fields(kind: GatewayKind) -> Vec<Field> {
    match kind {
        GatewayKind::Asaanbill => asaanbill::rows::fields(),
    }
}

/// The workbook to hand to a school, to be filled in; by its own headings where they are known.
pub fn template(account: &Account, language: Language, usual: Option<&UsualHeadings>) -> Template {
    match account.gateway {
        GatewayKind::Asaanbill => asaanbill::template::of(account, language, usual),
    }
}

/// The one field that a hub's words about a row name, if they name just one.
pub fn field_named(kind: GatewayKind, words: &str) -> Option<&'static str> {
    match kind {
        GatewayKind::Asaanbill => asaanbill::rows::field_named(words),
    }
}

/// What a gateway's hub adds to the URL that it posts its callbacks to.
pub fn callback_kinds(kind: GatewayKind) -> &'static [&'static str] {
    match kind {
        GatewayKind::Asaanbill => asaanbill::told::KINDS,
    }
}

/// What a callback names, as far as it can be read: what to ask the hub about, and no fact.
pub fn callback_names(kind: GatewayKind, told: &str, body: &[u8]) -> CallbackNames {
    match kind {
        GatewayKind::Asaanbill => asaanbill::told::names(told, body),
    }
}

/// The body of the answer to a callback, in JSON: received, or with which status it is refused
/// and why.
pub fn callback_answer(kind: GatewayKind, refused: Option<(u16, &str)>) -> Vec<u8> {
    match kind {
        GatewayKind::Asaanbill => asaanbill::told::answer(refused),
    }
}

/// The judge of a gateway's rows.
pub fn row_judge(rules: &SheetRules) -> Box<dyn RowJudge> {
    match rules.gateway {
        GatewayKind::Asaanbill => Box::new(asaanbill::rows::AsaanBillRows::new(rules)),
    }
}

/// The gateway an account's configuration names.
pub fn of(account: &Account, ledger: &Ledger, world: &World) -> Result<Arc<dyn Gateway>, Failure> {
    let gateway: Arc<dyn Gateway> = match account.gateway {
        GatewayKind::Asaanbill => Arc::new(asaanbill::AsaanBill::new(account, ledger, world)?),
    };
    Ok(Arc::new(witnessed::Witnessed(gateway)))
}

/// Whether a call may still begin. It runs on the connection's task, so it must not block.
pub type MayStart = Box<dyn Fn() -> bool + Send + Sync>;

/// A call's body, serialised once.
pub struct Body {
    /// What will be on the wire.
    pub bytes: Vec<u8>,
    /// SHA-256 of it, kept with the intent.
    pub sha256: [u8; 32],
}

/// Why nothing may be sent just now; nothing was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotReady {
    /// The hub refused to sign this account in, in its own words.
    SignInRefused(String),
    /// The hub asks to wait.
    Wait(Duration, String),
    /// The hub can't be reached.
    Unreachable(String),
}

/// What came back from sending a chunk: the answer table of the sending rules.
#[derive(Debug, Clone, PartialEq)]
pub enum Sent {
    /// The hub took the request.
    Taken {
        /// The hub's id of the request.
        request_id: String,
        /// Rows the hub refused, by row number in the file, with its words.
        refused: Vec<(u32, String)>,
        /// Rows the answer says nothing certain about.
        unproven: RowSet,
        /// The hub's words about the whole.
        message: Option<String>,
    },
    /// Nothing was taken: the named rows are refused; of the unnamed nothing is known.
    RowsRefused {
        /// Rows the hub refused, with its words.
        refused: Vec<(u32, String)>,
        /// Rows it does not name.
        unnamed: RowSet,
        /// The hub's words about the whole.
        message: Option<String>,
    },
    /// Nothing was taken, and the hub does not say which row is to blame.
    RefusedWhole(String),
    /// Nothing was taken: the sign-in is no longer good. A new attempt may follow.
    SignInAgain(String),
    /// Nothing was taken: this account may not (permissions, sign-in refused, no such place).
    Forbidden(String),
    /// Nothing was taken: too large for the hub.
    TooLarge(String),
    /// Nothing was taken: the hub asks to wait.
    Wait(Duration, String),
    /// Provably no byte of the body left.
    NotSent(String),
    /// The hub may or may not have it.
    Unknown(String),
}

impl Sent {
    /// The outcome in a word, for the log: never the hub's own words, which may name payers.
    pub fn in_a_word(&self) -> &'static str {
        match self {
            Sent::Taken { .. } => "taken",
            Sent::RowsRefused { .. } => "rows refused",
            Sent::RefusedWhole(_) => "refused whole",
            Sent::SignInAgain(_) => "sign in again",
            Sent::Forbidden(_) => "forbidden",
            Sent::TooLarge(_) => "too large",
            Sent::Wait(..) => "asked to wait",
            Sent::NotSent(_) => "not sent",
            Sent::Unknown(_) => "unknown",
        }
    }
}

/// A chunk whose outcome is unknown, as a look-up needs it.
#[derive(Debug, Clone)]
pub struct Doubt {
    /// The chunk.
    pub chunk_id: i64,
    /// Its rows that are still in doubt.
    pub bills: Vec<BillRow>,
    /// Its other rows, which were refused by name: a request may list them, too.
    pub settled: Vec<BillRow>,
}

/// What a complete reading of the hub's requests found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LookUp {
    /// Chunks found, each with the request that holds it and the rows it holds.
    pub found: Vec<Match>,
    /// Requests that nobody owns and that hold one identifier of a chunk, are not worked off
    /// yet, or could not be read whole: while there is one, "not sent" can't be said. It hinders
    /// no other request from being found to be the chunk.
    pub in_the_way: Vec<InTheWay>,
    /// Every request that the hub's list holds.
    pub listed: HashSet<String>,
}

/// A chunk that was found at the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The chunk.
    pub chunk_id: i64,
    /// The request that holds it.
    pub request_id: String,
    /// The rows it bills; others it lists without a word that proves a bill.
    pub rows: RowSet,
}

/// An unowned request that keeps a chunk from being called "not sent".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InTheWay {
    /// The chunk it may belong to.
    pub chunk_id: i64,
    /// The request.
    pub request_id: String,
    /// Why it stands in the way.
    pub why: String,
    /// It was not read, or stands for others that were not: nothing is known of what it holds.
    pub is_unread: bool,
}

/// One request, read whole.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestReading {
    /// Whether the hub has worked the request off.
    pub processed: bool,
    /// What became of the rows it holds.
    pub rows: Vec<RowReading>,
    /// Rows that were asked about and that it lacks.
    pub absent: RowSet,
    /// How many payments it holds that are none of the rows asked about.
    pub foreign: u64,
}

/// What the hub says of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowReading {
    /// The row's number in its file.
    pub row_no: u32,
    /// Its state; `None` when the hub's word is in no list and the state stays.
    pub state: Option<RowState>,
    /// Its payment number.
    pub psid: Option<String>,
    /// The hub's id of the payment.
    pub payment_id: Option<String>,
    /// Words worth showing.
    pub message: Option<String>,
    /// What is shown of its payer is another bill: all of it can be read, and none is this row's.
    pub is_another: bool,
    /// It is shown with a sentence in place of a status, and without a PSID: the words in which the
    /// hub refuses a row, and no bill.
    pub is_refusal: bool,
}

/// Why the hub's side could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskError {
    /// The hub refused to sign in, or forbids it.
    Refused(String),
    /// The hub has no such thing.
    NotFound(String),
    /// The hub fails at this one thing, and answers about others.
    Hidden(String),
    /// It can't be reached, asks to wait, or what came is no whole reading.
    Unreadable(String),
    /// Our own ledger would not give a place in the account's rate.
    Ledger(String),
}

impl std::fmt::Display for AskError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AskError::Refused(why) => write!(f, "the hub refused: {why}"),
            AskError::NotFound(why) => write!(f, "the hub does not know it: {why}"),
            AskError::Hidden(why) => write!(f, "the hub fails at this request alone: {why}"),
            AskError::Unreadable(why) => write!(f, "the hub could not be read: {why}"),
            AskError::Ledger(why) => write!(f, "the database: {why}"),
        }
    }
}
