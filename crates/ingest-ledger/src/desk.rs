//! An account's desk: what lies on it, told in one reading, so that a stop of the road that has nothing
//! to do costs no statement of its own.

use crate::accounts::{AccountLine, COLUMNS, COLUMNS_N, no_account};
use crate::db::{args, sql};
use crate::errors::Result;
use crate::open::Ledger;

/// What waits for whoever serves an account. `true` says that there may be something to do, now or
/// later; `false`, that there is nothing until something else moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk {
    /// The account, as it stands.
    pub account: AccountLine,
    /// A person asked for something that is not answered yet.
    pub decisions: bool,
    /// Callbacks came that were not heard yet.
    pub callbacks: bool,
    /// Chunks of which it is not known what became of their call.
    pub in_doubt: bool,
    /// Files that are stored and not planned.
    pub to_plan: bool,
    /// Chunks that are to be sent.
    pub ready: bool,
    /// Requests of which the hub may have news.
    pub to_ask: bool,
    /// The same of requests that this database did not make.
    pub foreign_to_ask: bool,
    /// Rows that wait for another bill.
    pub waiting: bool,
    /// Rows held because a request of nobody may hold a failed row of their payer.
    pub elsewhere: bool,
    /// Paid bills whose time of payment is not known.
    pub unstamped: bool,
}

/// In the order of the fields. Each has an index of its own, so a full ledger is told as fast as an
/// empty one.
const LIES_THERE: [&str; 10] = [
    "decisions d where d.account = $1 and d.done_at is null",
    "callbacks b where b.account = $1 and b.processed_at is null",
    "chunks c where c.account = $1 and c.state = 'unknown'",
    "files f where f.account = $1 and f.stored_at is not null and f.planned_at is null",
    "chunks c where c.account = $1 and c.state = 'ready'",
    "chunks c where c.account = $1 and c.state = 'accepted' and c.next_ask_at is not null and c.request_id is not null",
    "foreign_requests r where r.account = $1 and r.next_ask_at is not null",
    "held_rows h where h.account = $1 and h.kind in ('waits', 'unseen')",
    "held_rows h where h.account = $1 and h.kind = 'elsewhere'",
    "unstamped_rows u where u.account = $1",
];

impl Ledger {
    /// What lies on the account's desk.
    ///
    /// # Errors
    /// [`LedgerError::Missing`](crate::LedgerError::Missing): there is no such account; or the database's.
    pub async fn desk(&self, account: &str) -> Result<Desk> {
        let mut tx = self.db.read().await?;
        let now = tx.now().await?;
        let lies_there = LIES_THERE.map(|of| format!("exists (select 1 from {of})"));
        let text = format!(
            "select {COLUMNS}, {} from accounts where account = $1",
            lies_there.join(", ")
        );
        let line = tx.row(sql(text), args![account]).await?;
        let line = line.ok_or_else(|| no_account(account))?;
        let lies = |at: usize| line.get::<bool>(COLUMNS_N + at);
        Ok(Desk {
            account: AccountLine::read(&line, now)?,
            decisions: lies(0)?,
            callbacks: lies(1)?,
            in_doubt: lies(2)?,
            to_plan: lies(3)?,
            ready: lies(4)?,
            to_ask: lies(5)?,
            foreign_to_ask: lies(6)?,
            waiting: lies(7)?,
            elsewhere: lies(8)?,
            unstamped: lies(9)?,
        })
    }
}
