//! One account and the process's part in serving it: whenever its lease is to be had.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use ingest_ledger::{AccountLine, Ledger};
use tokio::sync::watch;

use crate::account::{InboxNow, Served, lock};
use crate::config::Account;
use crate::exit::Failure;
use crate::folder;
use crate::road::{self, Stops};
use crate::world::World;

/// How often an account that somebody else serves is asked for.
const LEASE_ASKED_EVERY: Duration = Duration::from_secs(1);
/// A failed account is served again after this.
const SERVED_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// Sheets that are named when they could not be taken.
const NAMED_MAX: usize = 5;
/// Failures in a row after which `run --once` gives up.
const FAILURES_MAX: u32 = 3;

/// A lease as it was seen: its epoch, and until when it held.
type SeenLease = (i64, Option<DateTime<Utc>>);

/// What is left in an inbox.
pub(super) struct Left {
    /// Its sentence.
    pub(super) says: String,
    /// Whether it is there because something is wrong.
    pub(super) trouble: bool,
}

/// An account, and how this process serves it.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) account: Arc<Account>,
    ledger: Ledger,
    ledger_id: String,
    holder: String,
    stop: watch::Receiver<bool>,
    served: Arc<Mutex<Option<Arc<Served>>>>,
    failures: Arc<Mutex<(u32, Option<Failure>)>>,
    tried: Arc<AtomicBool>,
    /// The lease of somebody else as it was first seen.
    first_seen: Arc<Mutex<Option<SeenLease>>>,
}

impl Desk {
    pub(super) fn new(
        account: &Arc<Account>,
        ledger: &Ledger,
        ledger_id: &str,
        stop: &watch::Sender<bool>,
    ) -> Desk {
        Desk {
            account: Arc::clone(account),
            ledger: ledger.clone(),
            ledger_id: ledger_id.to_owned(),
            holder: holder(),
            stop: stop.subscribe(),
            served: Arc::default(),
            failures: Arc::default(),
            tried: Arc::default(),
            first_seen: Arc::default(),
        }
    }

    /// The account as it is being served by this process, if it is.
    pub(super) fn served(&self) -> Option<Arc<Served>> {
        lock(&self.served).clone()
    }

    /// Whether another process serves the account: one whose lease was renewed before our eyes. A
    /// lease that only runs out is a dead process's, and will be ours.
    pub(super) fn is_served_elsewhere(&self, line: &AccountLine) -> bool {
        if !line.served || line.lease_holder.as_deref() == Some(&self.holder) {
            return false;
        }
        let mut first = lock(&self.first_seen);
        let now = (line.lease_epoch, line.lease_until);
        let seen = first.get_or_insert(now);
        if line.lease_until < seen.1 {
            *seen = now; // the clock was set back, and the lease with it
        }
        let (epoch, until) = *seen;
        line.lease_epoch > epoch || line.lease_until > until
    }

    /// Whether no sheet is left in the inbox, as far as this process can see.
    pub(super) fn inbox_is_empty(&self) -> bool {
        folder::sheets_in(&self.account.inbox).is_ok_and(|sheets| sheets.is_empty())
    }

    /// Whether nothing of the inbox can be taken just now: the folder can't be read, or every
    /// sheet in it has been tried and could not be copied.
    pub(super) fn inbox_is_stuck(&self) -> bool {
        let Some(served) = self.served() else {
            return false;
        };
        match served.inbox_now() {
            InboxNow::Unavailable => true,
            InboxNow::Waiting => {
                let untaken = served.spool.untaken();
                folder::sheets_in(&self.account.inbox).is_ok_and(|sheets| {
                    sheets.iter().all(|sheet| untaken.contains_key(sheet)) && !sheets.is_empty()
                })
            }
            _ => false,
        }
    }

    /// What is left in the inbox, and why as far as it is known.
    pub(super) fn left_in_inbox(&self) -> Option<Left> {
        let inbox = self.account.inbox.display();
        let sheets = folder::marked(&self.account.inbox, &self.ledger_id)
            .and_then(|()| folder::sheets_in(&self.account.inbox));
        let sheets = match sheets {
            Ok(sheets) if sheets.is_empty() => return None,
            Ok(sheets) => sheets,
            Err(error) => {
                return Some(Left {
                    says: format!("the folder {inbox} is unavailable: {error}"),
                    trouble: true,
                });
            }
        };
        let untaken = self.served().map(|served| served.spool.untaken());
        let why = |sheet: &String| {
            let untaken = untaken.as_ref().and_then(|all| all.get(sheet));
            untaken.map(|untaken| untaken.why.clone())
        };
        let first = sheets.first().and_then(why);
        let trouble =
            first.or_else(|| folder::taking_trouble(&self.account.inbox, Some(&self.ledger_id)));
        let mut named: Vec<&str> = sheets.iter().take(NAMED_MAX).map(String::as_str).collect();
        let more = format!("{} more", sheets.len() - named.len());
        if sheets.len() > NAMED_MAX {
            named.push(&more);
        }
        let says = format!("left in {inbox}: {}", named.join(", "));
        Some(match trouble {
            Some(why) => Left {
                says: format!("{says} ({why})"),
                trouble: true,
            },
            None => Left {
                says,
                trouble: false,
            },
        })
    }

    /// Why the account can't be served, once that has been tried often enough.
    pub(super) fn given_up(&self) -> Option<Failure> {
        let mut failures = lock(&self.failures);
        if failures.0 < FAILURES_MAX {
            None
        } else {
            failures.1.take()
        }
    }

    pub(super) fn stop(&self) {
        if let Some(served) = self.served() {
            served.stop();
        }
    }

    /// Serves the account whenever its lease is to be had, until the process is to stop.
    pub(super) async fn serve(mut self, stops: Stops) {
        while !*self.stop.borrow() {
            let wait = match self.serve_once(stops).await {
                Ok(()) => {
                    lock(&self.failures).0 = 0;
                    LEASE_ASKED_EVERY
                }
                Err(failure) => {
                    tracing::error!(account = %self.account.name, %failure, "this account can't be served; trying again");
                    let mut failures = lock(&self.failures);
                    *failures = (failures.0 + 1, Some(failure));
                    SERVED_AGAIN_AFTER
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = self.stop.wait_for(|stop| *stop) => {}
            }
        }
    }

    async fn serve_once(&self, stops: Stops) -> Result<(), Failure> {
        let (account, ledger) = (&self.account, &self.ledger);
        let world = World::real();
        let taken = Served::take(account, ledger, &self.ledger_id, &self.holder, &world).await?;
        let Some(served) = taken.map(Arc::new) else {
            return Ok(());
        };
        if !self.tried.swap(true, Ordering::Relaxed) {
            served.new_process_new_try().await?;
        }
        *lock(&self.served) = Some(Arc::clone(&served));
        if *self.stop.borrow() {
            served.stop();
        }
        let end = road::walk(&served, stops).await;
        *lock(&self.served) = None;
        self.ledger.lease_release(&served.lease).await?;
        end.map_err(Failure::from)
    }
}

/// Who holds a lease: this process and no other.
pub(crate) fn holder() -> String {
    let host = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    format!(
        "{host}:{}:{}",
        std::process::id(),
        uuid::Uuid::now_v7().simple()
    )
}
