//! What can go wrong with the ledger, told apart by what its caller does next.

/// Every failure of a ledger step. Nothing of a failed step is kept: it may be tried again.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database does not answer. Nothing is taken and nothing is sent until it does.
    #[error("the database can't be reached: {0}")]
    Unreachable(String),
    /// A newer program has been at this database; this one would misread it.
    #[error(
        "the database was made by a newer ingestd (migration {0}): run that version, or give this one a database of its own"
    )]
    Newer(i64),
    /// The database belongs to another program: nothing in it was changed.
    #[error(
        "the database is another program's (it has the table {0}, and is no ledger): nothing in it was changed; give ingestd a database of its own"
    )]
    Foreign(String),
    /// The login has a history here under another account's name.
    #[error(
        "the database knows this base_url and username as account `{known}`, with {files}: keep that name, or what was billed before would be billed again"
    )]
    KnownAs {
        /// The name the configuration gives it now.
        account: String,
        /// The name it has here.
        known: String,
        /// How many files it has under that name: `3 files`.
        files: String,
    },
    /// The account billed under another login, which may be another hub's.
    #[error(
        "{requests} made as `{was}`, and the configuration says `{now}` now: at another hub nothing of that is billed, and its rows would count as billed all the same"
    )]
    OtherHub {
        /// The account.
        account: String,
        /// The login it billed under: base URL and user name.
        was: String,
        /// The login that the configuration gives it now.
        now: String,
        /// How much it billed: `3 bulk requests were`.
        requests: String,
    },
    /// Another process serves the account by now; what this one meant to do is not done.
    #[error("the account {0} is served by another process now: nothing was changed")]
    Fenced(String),
    /// What was asked for is not there (a file, a chunk, an account).
    #[error("{0}")]
    Missing(String),
    /// A person asked for what the rules don't allow; the sentence says why.
    #[error("{0}")]
    Refused(String),
    /// The database holds something this program never writes.
    #[error("the database holds something it should not: {0} (`ingestd verify` says more)")]
    Corrupt(String),
    /// The disk that the database lies on is full, or can't be written. Goes on by itself once it
    /// can.
    #[error("the disk of the database has no room left or can't be written: free some ({0})")]
    NoRoom(String),
    /// The database's own refusal.
    #[error("the database refused: {0}")]
    Sql(#[source] sqlx::Error),
}

/// What every step answers.
pub type Result<T, E = LedgerError> = std::result::Result<T, E>;

impl LedgerError {
    /// Will the same step do better in a moment, without anyone changing anything here?
    /// (The server is down or starting, another writer was in the way, the disk is full.)
    pub fn is_transient(&self) -> bool {
        match self {
            LedgerError::Unreachable(_) | LedgerError::NoRoom(_) => true,
            LedgerError::Sql(error) => is_conflict(error) || is_busy(error),
            _ => false,
        }
    }

    /// Two transactions met, and the database let this one go: the step is run once more.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, LedgerError::Sql(error) if is_conflict(error))
    }

    /// A unique key was hit.
    pub(crate) fn is_unique(&self) -> bool {
        matches!(self, LedgerError::Sql(sqlx::Error::Database(e)) if e.is_unique_violation())
    }

    pub(crate) fn corrupt(what: impl Into<String>) -> LedgerError {
        LedgerError::Corrupt(what.into())
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    error
        .as_database_error()
        .and_then(|e| e.code())
        .map(|c| c.into_owned())
}

fn is_conflict(error: &sqlx::Error) -> bool {
    matches!(code(error).as_deref(), Some("40001" | "40P01"))
}

/// SQLite: full (13); an I/O error while writing, syncing, or growing the shared index (which is
/// what a full disk looks like at first). PostgreSQL: disk full.
fn is_without_room(error: &sqlx::Error) -> bool {
    matches!(
        code(error).as_deref(),
        Some("13" | "778" | "1034" | "1290" | "4874" | "53100")
    )
}

/// SQLite: busy (5), locked (6), I/O (10) and their extended codes. PostgreSQL: out of memory, too
/// many connections.
fn is_busy(error: &sqlx::Error) -> bool {
    match code(error).as_deref() {
        Some("53200" | "53300") => true,
        Some(code) if code.len() <= 4 => {
            matches!(code.parse::<i64>().map(|n| n & 0xff), Ok(5 | 6 | 10))
        }
        _ => false,
    }
}

impl From<sqlx::Error> for LedgerError {
    fn from(error: sqlx::Error) -> Self {
        let gone = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            // 57P01..57P05: shutting down, starting, terminated; 25P03: the server ended a transaction
            // of ours that stood still; 08xxx: the connection itself.
            _ => code(&error)
                .is_some_and(|c| c.starts_with("57P") || c == "25P03" || c.starts_with("08")),
        };
        if gone {
            LedgerError::Unreachable(error.to_string())
        } else if is_without_room(&error) {
            LedgerError::NoRoom(error.to_string())
        } else {
            LedgerError::Sql(error)
        }
    }
}
