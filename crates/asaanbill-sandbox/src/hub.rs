//! The hub at work: the journalled books, the desk beside them, and what
//! happens by itself, which is PSIDs assigned a moment later and callbacks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::Instant;

use crate::answers::Pen;
use crate::books::{Books, FIRST_BULK_ID, FIRST_PAYMENT_ID, Standing};
use crate::callbacks::{self, CallbackRecord, CallbackUrl};
use crate::config::{SandboxConfig, SandboxError, User};
use crate::desk::Desk;
use crate::events::Event;
use crate::journal::Journal;
use crate::times::now_ms;

/// Callbacks on their way at once.
const CALLBACKS_AT_ONCE: usize = 16;

/// What waits for its PSIDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    Bulk(u64),
    Payment(u64),
}

#[derive(Debug)]
pub(crate) struct Hub {
    pub(crate) config: SandboxConfig,
    journal: Mutex<Journal>,
    desk: Mutex<Desk>,
    /// In the order they fall due.
    waiting: Mutex<VecDeque<(Instant, Waiting)>>,
    waiting_changed: Notify,
    callback_urls: Vec<Option<CallbackUrl>>,
    callback_slots: Arc<Semaphore>,
    /// Set once, when the sandbox stops.
    pub(crate) stopping: watch::Sender<bool>,
    /// Whether connections are to be refused.
    pub(crate) away: watch::Sender<bool>,
    /// Whether they are.
    pub(crate) shut: watch::Sender<bool>,
}

impl Hub {
    pub(crate) fn open(config: SandboxConfig) -> Result<Hub, SandboxError> {
        check_users(&config)?;
        let common = config
            .callback_url
            .as_deref()
            .map(CallbackUrl::parse)
            .transpose()?;
        let mut callback_urls = Vec::new();
        for user in &config.users {
            let own = user
                .callback_url
                .as_deref()
                .map(CallbackUrl::parse)
                .transpose()?;
            callback_urls.push(own.or_else(|| common.clone()));
        }
        let journal = Journal::open(config.journal.as_deref())?;
        let due = Instant::now() + config.psid_delay;
        let waiting = still_waiting(&journal.books)
            .map(|waiting| (due, waiting))
            .collect();
        Ok(Hub {
            desk: Mutex::new(Desk::new(&config)),
            config,
            journal: Mutex::new(journal),
            waiting: Mutex::new(waiting),
            waiting_changed: Notify::new(),
            callback_urls,
            callback_slots: Arc::new(Semaphore::new(CALLBACKS_AT_ONCE)),
            stopping: watch::Sender::new(false),
            away: watch::Sender::new(false),
            shut: watch::Sender::new(false),
        })
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
            now_ms: now_ms(),
            draft_ms: self.draft_ms(),
            impossible_days: desk.switches.impossible_days,
            user,
        }
    }

    /// How long a payment is shown as DRAFT.
    pub(crate) fn draft_ms(&self) -> i64 {
        i64::try_from(self.config.psid_delay.as_millis() / 2).unwrap_or(i64::MAX)
    }

    /// Resolves when the sandbox stops.
    pub(crate) async fn stopped(&self) {
        // The sender lives in `self`, so this ends only when it is set.
        let _ = self
            .stopping
            .subscribe()
            .wait_for(|stopping| *stopping)
            .await;
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Lets these get their PSIDs when the delay is over.
    pub(crate) fn assign_later(&self, waiting: Waiting) {
        let due = Instant::now() + self.config.psid_delay;
        self.waiting().push_back((due, waiting));
        self.waiting_changed.notify_one();
    }

    /// Looks again at what waits; for when a hold was taken away.
    pub(crate) fn wake_assigning(&self) {
        self.waiting_changed.notify_one();
    }

    pub(crate) fn waiting_count(&self) -> usize {
        self.waiting().len()
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<(Instant, Waiting)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Assigns whatever is due by then; answers how many requests and single
    /// payments that were.
    pub(crate) fn assign_due(self: &Arc<Hub>, by: Option<Instant>) -> std::io::Result<usize> {
        let mut assigned = 0;
        loop {
            // The journal is taken first and kept, so that two of us never
            // assign the same request.
            let mut journal = self.journal();
            let next = self.waiting().front().copied();
            let Some((due, waiting)) = next else { break };
            if by.is_some_and(|by| due > by) {
                break;
            }
            let (event, user) = self.assignment(&journal.books, waiting);
            journal.record(&event)?;
            self.waiting().pop_front();
            drop(journal);
            assigned += 1;
            if let Waiting::Bulk(bulk) = waiting {
                self.call_back(
                    &user,
                    "bulk-payment-request-approved",
                    callbacks::bulk_approved(bulk),
                );
            }
        }
        Ok(assigned)
    }

    fn assignment(&self, books: &Books, waiting: Waiting) -> (Event, String) {
        let errored = self.desk().switches.error_identifiers.clone();
        let is_errored = |number: u32| {
            let payer = books.payer_of(books.payment(number));
            errored
                .iter()
                .any(|identifier| **identifier == *payer.identifier)
        };
        let at_ms = now_ms();
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
                (
                    Event::AssignBulk {
                        at_ms,
                        bulk,
                        errored,
                    },
                    user,
                )
            }
            Waiting::Payment(payment) => {
                let number = books
                    .payment_number(payment)
                    .expect("what waits is in the books");
                let user = books
                    .user_name(books.payer_of(books.payment(number)).user)
                    .to_owned();
                let errored = is_errored(number);
                (
                    Event::AssignPayment {
                        at_ms,
                        payment,
                        errored,
                    },
                    user,
                )
            }
        }
    }

    /// Assigns PSIDs as they fall due, until the sandbox stops.
    pub(crate) async fn assign_in_turn(self: Arc<Hub>) {
        loop {
            let held = self.desk().switches.psid_hold;
            let due = self
                .waiting()
                .front()
                .map(|(due, _)| *due)
                .filter(|_| !held);
            let fallen_due = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.stopped() => return,
                () = self.waiting_changed.notified() => {}
                () = fallen_due => {
                    let hub = Arc::clone(&self);
                    let assigned = tokio::task::spawn_blocking(move || {
                        hub.assign_due(Some(Instant::now()))
                    });
                    if let Ok(Err(error)) = assigned.await {
                        tracing::warn!(%error, "PSIDs can't be assigned yet");
                        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                    }
                }
            }
        }
    }

    /// Posts a callback to the user's URL, if there is one, and notes what
    /// came of it. Does not wait. Called outside an async runtime it only
    /// notes that nothing could be sent.
    pub(crate) fn call_back(self: &Arc<Hub>, user: &str, kind: &'static str, body: String) {
        let url = self
            .user(user)
            .and_then(|(place, _)| self.callback_urls[place].clone());
        let (Some(url), Ok(runtime)) = (url, tokio::runtime::Handle::try_current()) else {
            return;
        };
        let (hub, user) = (Arc::clone(self), user.to_owned());
        runtime.spawn(async move {
            let at_ms = now_ms();
            let Ok(_slot) = hub.callback_slots.acquire().await else {
                return;
            };
            let outcome = url.post(kind, &body).await;
            let kind = kind.to_owned();
            hub.desk().callbacks.push(CallbackRecord {
                at_ms,
                user,
                kind,
                body,
                outcome,
            });
        });
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
