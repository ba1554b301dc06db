//! What a ledger takes from outside besides its database: what time it is, and (for tests and
//! simulators) which statement or commit fails, and how.
//!
//! A step takes its time once, as an argument of its statements: no statement, default, trigger or
//! view of ours asks for the time itself.

use crate::errors::LedgerError;
use chrono::{DateTime, Utc};
use std::fmt::Debug;

/// A place in a step where the connection to the database may break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// A statement, before it reaches the database.
    Statement,
    /// A commit, before it reaches the database: where it fails, nothing of the transaction is kept.
    CommitLost,
    /// A commit, after the database did it: where it fails, everything is kept and nobody is told.
    CommitUnheard,
}

/// Time and failures, as a ledger meets them. [`Ledger::open`](crate::Ledger::open) takes the real
/// ones; [`Ledger::open_in`](crate::Ledger::open_in) those of a test or a simulator.
pub trait Surroundings: Send + Sync + Debug {
    /// What time it is; `None`: the database's own clock tells, which services on many machines
    /// share. Leases, pacing and waits go by it.
    fn now(&self) -> Option<DateTime<Utc>> {
        None
    }

    /// A step is at this point.
    ///
    /// # Errors
    /// What the step is to fail with there.
    fn before(&self, what: Point) -> Result<(), LedgerError> {
        let _ = what;
        Ok(())
    }

    /// This statement is about to run: for whoever asks how a database would carry it out.
    fn statement(&self, sql: &str) {
        let _ = sql;
    }

    /// The name of a ledger that is made just now: no two of them may be alike.
    fn name(&self) -> String {
        uuid::Uuid::now_v7().to_string()
    }
}

/// The database's clock, and its own failures. In debug builds the variable
/// `INGESTD_DATABASE_FAILS_AT=WHAT:N` makes the N-th statement (or `commit-lost`, or
/// `commit-unheard`) of the process fail as if the connection had broken, where `INGESTD_UNDER_TEST`
/// is set too.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Real;

impl Surroundings for Real {
    #[cfg(debug_assertions)]
    fn before(&self, what: Point) -> Result<(), LedgerError> {
        asked_for::fails(what)
    }
}

#[cfg(debug_assertions)]
mod asked_for {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::Point;
    use crate::errors::{LedgerError, Result};

    struct Failure {
        what: Point,
        passes: AtomicU32,
    }

    static FAILURE: OnceLock<Option<Failure>> = OnceLock::new();

    pub(super) fn fails(what: Point) -> Result<()> {
        let asked = || {
            std::env::var_os("INGESTD_UNDER_TEST")?;
            let asked = std::env::var("INGESTD_DATABASE_FAILS_AT").ok()?;
            let (what, n) = asked.split_once(':')?;
            Some(Failure {
                what: match what {
                    "statement" => Point::Statement,
                    "commit-lost" => Point::CommitLost,
                    "commit-unheard" => Point::CommitUnheard,
                    _ => return None,
                },
                passes: AtomicU32::new(n.parse().ok()?),
            })
        };
        let Some(failure) = FAILURE.get_or_init(asked) else {
            return Ok(());
        };
        if failure.what != what || failure.passes.fetch_sub(1, Ordering::Relaxed) != 1 {
            return Ok(());
        }
        tracing::warn!(?what, "the database fails here because a test asked for it");
        Err(LedgerError::Unreachable(
            "the connection broke (a test asked for it)".to_owned(),
        ))
    }
}
