//! What people and tests can see and do beside the hub's own calls: pay a
//! bill, assign PSIDs, set faults and switches, read everything.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::answers::Pen;
use crate::books::{Books, FIRST_BULK_ID, FIRST_PAYMENT_ID, Standing};
use crate::callbacks::{self, Callback};
use crate::desk::CallRecord;
use crate::events::{Event, GenerationType};
use crate::faults::Rule;
use crate::hub::Hub;
use crate::psid;
use crate::switches::{Switches, SwitchesChange};

/// One payment as the hub keeps it, without quirks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentView {
    /// The payment id.
    pub id: u64,
    /// Whose it is.
    pub user: String,
    /// How it was generated; `PSID` for every `/add-bulk`.
    pub generation_type: GenerationType,
    /// As sent.
    pub title: String,
    /// As sent.
    pub identifier: String,
    /// As sent.
    pub amount: String,
    /// `yyyy-MM-dd`, as sent.
    pub due_date: String,
    /// As sent.
    pub amount_after_due_date: String,
    /// DRAFT, IN_PROCESS, APPROVED, PROCESSED, DISCARD or ERRORED.
    pub status: String,
    /// 24 digits, once assigned; kept when the payment is discarded.
    pub psid: Option<String>,
    /// The bulk request it came with.
    pub bulk_id: Option<u64>,
    /// Milliseconds since 1970.
    pub created_at_ms: i64,
    /// Milliseconds since 1970.
    pub updated_at_ms: i64,
    /// Milliseconds since 1970.
    pub paid_at_ms: Option<i64>,
}

/// Which bill is paid: exactly one of the three.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pay {
    /// The unpaid payment of this PSID.
    pub psid: Option<String>,
    /// The unpaid payment of this identifier.
    pub identifier: Option<String>,
    /// This payment.
    pub payment_id: Option<u64>,
    /// Whose identifier; needed only where several users have it.
    pub user: Option<String>,
}

impl Pay {
    /// By PSID, as a banking app does.
    #[must_use]
    pub fn psid(psid: &str) -> Pay {
        Pay {
            psid: Some(psid.to_owned()),
            ..Pay::default()
        }
    }

    /// By identifier.
    #[must_use]
    pub fn identifier(identifier: &str) -> Pay {
        Pay {
            identifier: Some(identifier.to_owned()),
            ..Pay::default()
        }
    }

    /// By payment id.
    #[must_use]
    pub fn payment(id: u64) -> Pay {
        Pay {
            payment_id: Some(id),
            ..Pay::default()
        }
    }
}

/// A bill that was paid, and the callback that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// The payment, now PROCESSED.
    pub payment: PaymentView,
    /// What the hub posts about it.
    pub callback: Callback,
}

/// Why a wish of the control API is not granted.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The wish itself makes no sense.
    #[error("{0}")]
    Wrong(String),
    /// There is no such payment.
    #[error("{0}")]
    NotFound(String),
    /// The payment is not at a point where that can be done.
    #[error("{0}")]
    NotNow(String),
    /// The journal can't be written.
    #[error("the journal can't be written: {0}")]
    Journal(#[from] std::io::Error),
}

/// Totals over all users.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Identifiers, each counted once per user.
    pub identifiers: usize,
    /// Payments ever.
    pub payments: usize,
    /// Payments beyond the first of their identifier; 0 if nothing was ever
    /// billed again.
    pub payments_beyond_first: usize,
    /// DRAFT or IN_PROCESS.
    pub waiting: usize,
    /// APPROVED: PSID assigned, unpaid.
    pub approved: usize,
    /// PROCESSED: paid.
    pub processed: usize,
    /// DISCARD.
    pub discard: usize,
    /// ERRORED.
    pub errored: usize,
    /// Accepted `/add-bulk` calls.
    pub bulk_requests: usize,
    /// Rows refused inside accepted `/add-bulk` calls.
    pub rows_refused: u64,
    /// Requests and single payments whose PSIDs are still to be assigned.
    pub assignments_waiting: usize,
    /// Calls of the hub since it was started.
    pub calls: u64,
    /// Callbacks that came to an end since it was started.
    pub callbacks: usize,
}

impl Hub {
    /// Pays one bill: APPROVED becomes PROCESSED.
    pub(crate) fn pay(&self, pay: &Pay) -> Result<Paid, ControlError> {
        let mut journal = self.journal();
        let number = to_pay(&journal.books, pay)?;
        let payment = FIRST_PAYMENT_ID + u64::from(number);
        journal.record(&Event::Pay {
            at_ms: self.clock.now_ms(),
            payment,
        })?;
        let books = &journal.books;
        let payment = self.view(books, number);
        let user = payment.user.clone();
        let callback = callbacks::processed(user, books, books.payment(number));
        Ok(Paid { payment, callback })
    }

    /// Payments of a user, of an identifier, or all: at most `take` from the
    /// numbers in `from`, and where the next ones begin.
    pub(crate) fn views(
        &self,
        user: Option<&str>,
        identifier: Option<&str>,
        from: Range<u32>,
        take: usize,
    ) -> (Vec<PaymentView>, u32) {
        let journal = self.journal();
        let books = &journal.books;
        let users: Vec<u16> = match user {
            Some(user) => books.user(user).into_iter().collect(),
            None => books.users().collect(),
        };
        if let Some(identifier) = identifier {
            let payers = users
                .iter()
                .filter_map(|user| books.payer_by_identifier(*user, identifier));
            let mut numbers: Vec<u32> = payers
                .flat_map(|payer| books.payments_of(payer))
                .filter(|number| from.contains(number))
                .collect();
            numbers.sort_unstable();
            return (
                numbers
                    .iter()
                    .map(|number| self.view(books, *number))
                    .collect(),
                u32::MAX,
            );
        }
        let mut views = Vec::new();
        let end = from
            .end
            .min(u32::try_from(books.payments().len()).unwrap_or(u32::MAX));
        for number in from.start..end {
            if views.len() == take {
                return (views, number);
            }
            if users.contains(&books.payer_of(books.payment(number)).user) {
                views.push(self.view(books, number));
            }
        }
        (views, u32::MAX)
    }

    fn view(&self, books: &Books, number: u32) -> PaymentView {
        let payment = books.payment(number);
        let payer = books.payer_of(payment);
        let pen = Pen {
            quirks: false,
            turn: 0,
            now_ms: self.clock.now_ms(),
            draft_ms: self.draft_ms(),
            impossible_days: false,
            user: &self.config.users[0],
        };
        PaymentView {
            id: FIRST_PAYMENT_ID + u64::from(number),
            user: books.user_name(payer.user).to_owned(),
            generation_type: payment.generation_type,
            title: payment.title().to_owned(),
            identifier: payer.identifier.to_string(),
            amount: payment.amount().to_owned(),
            due_date: payment.due_date().to_owned(),
            amount_after_due_date: payment.late_amount().to_owned(),
            status: pen.status(payment).to_owned(),
            psid: payment.psid(),
            bulk_id: payment.bulk().map(|bulk| FIRST_BULK_ID + u64::from(bulk)),
            created_at_ms: payment.created_ms,
            updated_at_ms: payment.updated_ms,
            paid_at_ms: payment.paid_ms(),
        }
    }

    pub(crate) fn state(&self) -> State {
        let mut state = State {
            assignments_waiting: self.waiting_count(),
            ..State::default()
        };
        {
            let journal = self.journal();
            let books = &journal.books;
            state.identifiers = books.payers_count();
            state.payments = books.payments().len();
            state.payments_beyond_first = state.payments - state.identifiers;
            state.bulk_requests = books.bulks().len();
            state.rows_refused = books.bulks().iter().map(|bulk| bulk.refused).sum();
            for payment in books.payments() {
                *match payment.standing {
                    Standing::Waiting => &mut state.waiting,
                    Standing::Approved => &mut state.approved,
                    Standing::Processed => &mut state.processed,
                    Standing::Discard => &mut state.discard,
                    Standing::Errored => &mut state.errored,
                } += 1;
            }
        }
        let desk = self.desk();
        state.calls = desk.calls_count();
        state.callbacks = desk.callbacks.len();
        state
    }

    /// Adds rules behind those that are there; none if one of them is wrong.
    pub(crate) fn add_faults(&self, rules: Vec<Rule>) -> Result<Vec<Rule>, ControlError> {
        if let Some(problem) = rules.iter().find_map(Rule::problem) {
            return Err(ControlError::Wrong(problem));
        }
        let mut desk = self.desk();
        desk.rules.extend(rules);
        Ok(desk.rules.clone())
    }

    /// Changes switches; nothing changes if a user is unknown.
    pub(crate) fn switch(&self, mut change: SwitchesChange) -> Result<Switches, ControlError> {
        let mut passwords = Vec::new();
        for (name, password) in std::mem::take(&mut change.password) {
            let (place, _) = self
                .user(&name)
                .ok_or_else(|| ControlError::NotFound(format!("there is no user {name}")))?;
            passwords.push((place, password));
        }
        let mut desk = self.desk();
        for (place, password) in passwords {
            desk.set_password(place, password);
        }
        desk.switches.change(change);
        Ok(desk.switches.clone())
    }

    /// Calls after the n-th.
    pub(crate) fn calls_after(&self, n: u64) -> Vec<CallRecord> {
        self.desk()
            .calls()
            .filter(|call| call.n > n)
            .cloned()
            .collect()
    }
}

/// The payment that is meant, if it can be paid.
fn to_pay(books: &Books, pay: &Pay) -> Result<u32, ControlError> {
    let not_found = |what: &str| ControlError::NotFound(format!("there is no payment with {what}"));
    let user = match &pay.user {
        Some(name) => Some(
            books
                .user(name)
                .ok_or_else(|| not_found(&format!("user {name}")))?,
        ),
        None => None,
    };
    let number = match (&pay.psid, &pay.identifier, pay.payment_id) {
        (Some(psid), None, None) => {
            let payer = psid::payer_of(psid)
                .filter(|payer| (*payer as usize) < books.payers_count())
                .ok_or_else(|| not_found(&format!("PSID {psid}")))?;
            books.payments_of(payer).next()
        }
        (None, Some(identifier), None) => {
            let users: Vec<u16> = user.map_or_else(|| books.users().collect(), |user| vec![user]);
            let payers: Vec<u32> = users
                .iter()
                .filter_map(|user| books.payer_by_identifier(*user, identifier))
                .collect();
            match payers.as_slice() {
                [] => return Err(not_found(&format!("identifier {identifier}"))),
                [payer] => books.payments_of(*payer).next(),
                _ => {
                    let why = format!("several users have {identifier}: say which `user`");
                    return Err(ControlError::Wrong(why));
                }
            }
        }
        (None, None, Some(id)) => Some(
            books
                .payment_number(id)
                .ok_or_else(|| not_found(&format!("id {id}")))?,
        ),
        _ => {
            let why = "name exactly one of psid, identifier and payment_id";
            return Err(ControlError::Wrong(why.to_owned()));
        }
    };
    let number = number.ok_or_else(|| not_found("that PSID"))?;
    let why = match books.payment(number).standing {
        Standing::Approved => return Ok(number),
        Standing::Waiting => "it has no PSID yet",
        Standing::Processed => "it is paid already",
        Standing::Discard => "it was discarded for a newer payment",
        Standing::Errored => "its drafting failed",
    };
    Err(ControlError::NotNow(format!(
        "the payment can't be paid: {why}"
    )))
}
