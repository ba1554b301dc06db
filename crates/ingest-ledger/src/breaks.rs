//! A database that fails once, where a test says. In debug builds the variable
//! `INGESTD_DATABASE_FAILS_AT=WHAT:N` makes the N-th of these fail as if the connection had broken;
//! in release builds nothing is left of this.

use crate::errors::Result;

/// What fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breaks {
    /// A statement, before it reaches the database.
    Statement,
    /// A commit, before it reaches the database: nothing of the transaction is kept.
    CommitLost,
    /// A commit, after the database did it: everything is kept, and nobody is told.
    CommitUnheard,
}

impl Breaks {
    /// The program is there now.
    ///
    /// # Errors
    /// If this is the one that is to fail.
    #[inline]
    pub(crate) fn here(self) -> Result<()> {
        #[cfg(debug_assertions)]
        return asked_for::here(self);
        #[cfg(not(debug_assertions))]
        Ok(())
    }
}

#[cfg(debug_assertions)]
mod asked_for {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::Breaks;
    use crate::errors::{LedgerError, Result};

    struct Failure {
        what: Breaks,
        passes: AtomicU32,
    }

    static FAILURE: OnceLock<Option<Failure>> = OnceLock::new();

    pub(super) fn here(what: Breaks) -> Result<()> {
        let asked = || {
            let asked = std::env::var("INGESTD_DATABASE_FAILS_AT").ok()?;
            let (what, n) = asked.split_once(':')?;
            Some(Failure {
                what: match what {
                    "statement" => Breaks::Statement,
                    "commit-lost" => Breaks::CommitLost,
                    "commit-unheard" => Breaks::CommitUnheard,
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
