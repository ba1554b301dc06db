//! The hub at work: the journalled books, the desk beside them, its clock,
//! and what waits for its PSIDs.
//!
//! It knows no port and does nothing by itself. A hub with a port
//! (`open_hub`) and a hub in process (`in_process`) both drive this one, so
//! that they can't behave differently.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::answers::Pen;
use crate::books::{Books, FIRST_BULK_ID, FIRST_PAYMENT_ID, Standing};
use crate::callbacks::{self, Callback};
use crate::clock::{Clock, whole_ms};
use crate::config::{SandboxConfig, SandboxError, User};
use crate::desk::Desk;
use crate::events::Event;
use crate::journal::Journal;

/// What waits for its PSIDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    Bulk(u64),
    Payment(u64),
}

/// What got its PSIDs.
#[derive(Debug)]
pub(crate) enum Assigned {
    /// A bulk request, and the callback that says so.
    Bulk(Callback),
    /// A single payment, of which the guide has no callback.
    Payment,
}

#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) config: SandboxConfig,
    pub(crate) clock: Clock,
    journal: Mutex<Journal>,
    desk: Mutex<Desk>,
    /// In the order they fall due, on the steady clock.
    waiting: Mutex<VecDeque<(i64, Waiting)>>,
}

impl Hub {
    pub(crate) fn open(config: SandboxConfig, clock: Clock) -> Result<Hub, SandboxError> {
        check_users(&config)?;
        let journal = Journal::open(config.journal.as_deref())?;
        let hub = Hub {
            desk: Mutex::new(Desk::new(&config)),
            config,
            clock,
            journal: Mutex::new(journal),
            waiting: Mutex::default(),
        };
        for waiting in still_waiting(&hub.journal().books) {
            hub.assign_later(waiting);
        }
        Ok(hub)
    }

    /// The journalled books. Held while a change is synced, so async code
    /// asks for it from a blocking task.
    pub(crate) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Never held across anything slow.
    pub(crate) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A user by name, with its place in the config.
    pub(crate) fn user(&self, name: &str) -> Option<(usize, &User)> {
        let mut users = self.config.users.iter().enumerate();
        users.find(|(_, user)| user.username == name)
    }

    /// What writes an answer to this user.
    pub(crate) fn pen<'a>(&'a self, user: &'a User) -> Pen<'a> {
        let mut desk = self.desk();
        Pen {
            quirks: self.config.quirks,
            turn: desk.turn(),
            now_ms: self.clock.now_ms(),
            draft_ms: self.draft_ms(),
            impossible_days: desk.switches.impossible_days,
            user,
        }
    }

    /// How long a payment is shown as DRAFT.
    pub(crate) fn draft_ms(&self) -> i64 {
        whole_ms(self.config.psid_delay.as_millis() / 2)
    }

    /// Lets these get their PSIDs when the delay is over.
    pub(crate) fn assign_later(&self, waiting: Waiting) {
        let delay = whole_ms(self.config.psid_delay.as_millis());
        let due = self.clock.steady_ms().saturating_add(delay);
        self.waiting().push_back((due, waiting));
    }

    pub(crate) fn waiting_count(&self) -> usize {
        self.waiting().len()
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<(i64, Waiting)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the next PSIDs fall due, on the steady clock; never while they
    /// are held.
    pub(crate) fn next_due(&self) -> Option<i64> {
        if self.desk().switches.psid_hold {
            return None;
        }
        self.waiting().front().map(|(due, _)| *due)
    }

    /// Assigns PSIDs to what comes first of what waits, if it is due by now
    /// and PSIDs are not held.
    pub(crate) fn assign_due(&self) -> std::io::Result<Option<Assigned>> {
        if self.desk().switches.psid_hold {
            return Ok(None);
        }
        let now = self.clock.steady_ms();
        self.assign_if(|due| due <= now)
    }

    /// Assigns PSIDs to what comes first of what waits, due and held or not.
    pub(crate) fn assign_anyway(&self) -> std::io::Result<Option<Assigned>> {
        self.assign_if(|_| true)
    }

    fn assign_if(&self, is_due: impl Fn(i64) -> bool) -> std::io::Result<Option<Assigned>> {
        // The journal is taken first and kept, so that two of us never
        // assign the same request.
        let mut journal = self.journal();
        let next = self.waiting().front().copied();
        let Some((_, waiting)) = next.filter(|(due, _)| is_due(*due)) else {
            return Ok(None);
        };
        let (event, user) = self.assignment(&journal.books, waiting);
        journal.record(&event)?;
        self.waiting().pop_front();
        Ok(Some(match waiting {
            Waiting::Bulk(bulk) => Assigned::Bulk(callbacks::bulk_approved(user, bulk)),
            Waiting::Payment(_) => Assigned::Payment,
        }))
    }

    fn assignment(&self, books: &Books, waiting: Waiting) -> (Event, String) {
        let errored = self.desk().switches.error_identifiers.clone();
        let is_errored = |number: u32| {
            let payer = books.payer_of(books.payment(number));
            errored
                .iter()
                .any(|identifier| **identifier == *payer.identifier)
        };
        let at_ms = self.clock.now_ms();
        match waiting {
            Waiting::Bulk(bulk) => {
                let number = books.bulk_number(bulk).expect("what waits is in the books");
                let request = books.bulk(number);
                let payments = request.first..request.first + request.count;
                let errored = if errored.is_empty() {
                    Vec::new()
                } else {
                    payments
                        .filter(|number| is_errored(*number))
                        .map(|number| FIRST_PAYMENT_ID + u64::from(number))
                        .collect()
                };
                let user = books.user_name(request.user).to_owned();
                let event = Event::AssignBulk {
                    at_ms,
                    bulk,
                    errored,
                };
                (event, user)
            }
            Waiting::Payment(payment) => {
                let number = books
                    .payment_number(payment)
                    .expect("what waits is in the books");
                let user = books
                    .user_name(books.payer_of(books.payment(number)).user)
                    .to_owned();
                let event = Event::AssignPayment {
                    at_ms,
                    payment,
                    errored: is_errored(number),
                };
                (event, user)
            }
        }
    }
}

/// After a restart: everything that had no PSID when the hub stopped.
fn still_waiting(books: &Books) -> impl Iterator<Item = Waiting> {
    let bulks = books.bulks().iter().zip(FIRST_BULK_ID..);
    let bulks = bulks
        .filter(|(request, _)| !request.processed)
        .map(|(_, id)| Waiting::Bulk(id));
    let payments = books.payments().iter().zip(FIRST_PAYMENT_ID..);
    let payments = payments
        .filter(|(payment, _)| payment.bulk().is_none() && payment.standing == Standing::Waiting)
        .map(|(_, id)| Waiting::Payment(id));
    bulks.chain(payments)
}

fn check_users(config: &SandboxConfig) -> Result<(), SandboxError> {
    if config.users.is_empty() {
        return Err(SandboxError::Users("there are none".to_owned()));
    }
    for (place, user) in config.users.iter().enumerate() {
        if user.username.is_empty() {
            return Err(SandboxError::Users("a username is empty".to_owned()));
        }
        if config.users[..place]
            .iter()
            .any(|other| other.username == user.username)
        {
            return Err(SandboxError::Users(format!(
                "{} is there twice",
                user.username
            )));
        }
    }
    Ok(())
}
