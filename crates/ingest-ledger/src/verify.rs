//! The invariants of the whole ledger, checked against what is stored.

use self::calls::{bills_twice, calls, intents};
use self::findings::Findings;
use self::lists::lists;
use self::live_twice::live_twice;
use self::looking::Looking;
use self::pace::pace;
use self::rows::{OwnStates, rows_and_sums};
use self::spans::Span;
use crate::db::Tx;
use crate::errors::Result;
use crate::open::Ledger;

mod calls;
mod findings;
mod followers;
mod lists;
mod live_twice;
mod looking;
mod pace;
mod ranges;
mod rows;
mod spans;

/// One broken invariant.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Broken {
    /// 1 to 5, as the contract numbers them.
    pub invariant: u8,
    /// The file.
    pub file_id: Option<i64>,
    /// The sheet.
    pub sheet: Option<String>,
    /// The row's number there.
    pub row_number: Option<i64>,
    /// What is wrong.
    pub detail: String,
}

impl Ledger {
    /// Everything that is wrong; nothing, if all is well: at most a hundred places of each kind, and a
    /// word on how many more there are. Reads the whole ledger, as it was at one moment; nothing is
    /// changed, and a service may go on meanwhile. (SQLite in memory is read statement by statement:
    /// best while nothing else is done with it.)
    ///
    /// Ten million rows take less than a minute, and little memory: rows are summed up where they
    /// are, and chunks and calls come in spans.
    pub async fn verify(&self) -> Result<Vec<Broken>> {
        let Looking { mut one, other } = Looking::at(&self.db).await?;
        let (files, bills) = match other {
            Some(mut other) => tokio::try_join!(span_by_span(&mut one), at_once(&mut other))?,
            None => (span_by_span(&mut one).await?, at_once(&mut one).await?),
        };
        files.and(bills).named(&mut one).await
    }
}

/// What can be told of some files without the others.
async fn span_by_span(tx: &mut Tx) -> Result<Findings> {
    let mut found = Findings::default();
    let mut own = OwnStates::default();
    for span in Span::all(tx).await? {
        let chunks = span.chunks(tx).await?;
        let archived = span.archived(tx).await?;
        rows_and_sums(tx, &span, &archived, &chunks, &mut own, &mut found).await?;
        let attempts = span.attempts(tx).await?;
        bills_twice(&chunks, &attempts, &mut found);
        intents(&chunks, &attempts, &mut found);
        calls(tx, &archived, &chunks, &attempts, &mut found).await?;
    }
    lists(tx, &own, &mut found).await?;
    Ok(found)
}

/// What goes across all files.
async fn at_once(tx: &mut Tx) -> Result<Findings> {
    let mut found = Findings::default();
    pace(tx, &mut found).await?;
    live_twice(tx, &mut found).await?;
    Ok(found)
}
