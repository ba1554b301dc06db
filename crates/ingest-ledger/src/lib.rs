//! What is remembered: files, rows, chunks, attempts and outcomes, in PostgreSQL or SQLite.
//!
//! A [`Ledger`] is the whole surface. Each of its steps is one transaction: after it, either all
//! of the step is in the database or nothing is. No transaction is open while anything but SQL
//! happens. The ledger knows no gateway, no sheet format and no wall clock: leases, pacing and
//! waits go by the database's clock (or by one that a test or a simulator gives it, see
//! [`Surroundings`]), and the day that decides whether a bill is past due is an argument.
//!
//! Rows are stored once and never changed. A chunk's line carries the state of all its rows; a
//! row gets a line of its own with its first own fact. `bill_results`, `bulk_requests` and
//! `result_changes` are what other systems read.
//!
//! Amounts are `i64` paisa everywhere.

mod accounts;
mod approve;
mod archive;
mod asks;
mod billed_before;
mod callbacks;
mod cancel;
mod chunk_lines;
mod claim;
mod clock;
mod corrections;
mod counts;
mod course;
mod db;
mod decision_list;
mod decisions;
mod desk;
mod elsewhere;
mod errors;
mod feed;
mod file_stands;
mod files;
mod foreign_bills;
mod foresee;
mod held_list;
mod history;
mod inboxes;
mod intents;
mod listing;
mod logins;
mod lookup;
mod mappings;
mod marked;
mod open;
mod origin;
mod outcomes;
mod paid;
mod paid_replaced;
mod past_due;
mod paused_by_hand;
mod plan;
pub mod planted;
mod put_off;
mod regroup;
mod reports;
mod resolve;
mod result_rows;
mod retry;
mod row_lines;
mod row_set;
mod rows_store;
mod said_taken;
mod send;
mod sentences;
mod settle;
mod states;
mod step;
mod stored;
mod surroundings;
mod unseen;
mod verify;
mod waiting;
mod work_left;

pub use accounts::{AccountLine, Lease};
pub use approve::{ApproveSummary, HeldFilter, Released};
pub use archive::{ArchiveLine, ArchivePart, Before};
pub use asks::AskLine;
pub use billed_before::{BillLine, Earlier, Foreign, Verdict, judge};
pub use callbacks::{
    CALLBACKS_KEPT_MAX, CALLBACKS_WAITING_MAX, CallbackCounts, CallbackLine, CallbackNames, Kept,
    NewCallback,
};
pub use cancel::CancelSummary;
pub use chunk_lines::{AttemptLine, ChunkLine};
pub use claim::{Claim, NewFile};
pub use corrections::{CORRECTS_NOTHING, CORRECTS_TWICE};
pub use course::in_doubt::{InVain, look_again_in, may_go_again};
pub use decision_list::DecisionFilter;
pub use decisions::{CarriedOut, Decision, DecisionState, NewDecision};
pub use desk::Desk;
pub use elsewhere::{Elsewhere, FailedRow, HeldElsewhere};
pub use errors::{LedgerError, Result};
pub use feed::Change;
pub use files::FileLine;
pub use foreign_bills::{ForeignAsk, ForeignBill, ForeignFilter, ForeignRequest, HubBill};
pub use foresee::NewBill;
pub use held_list::HeldLine;
pub use listing::{BulkRequestLine, ChunkFilter, FileFilter, ResultLine, RowFilter};
pub use lookup::{Adopted, DoubtLine, LOOKS_BEFORE_ASKING};
pub use mappings::{Departure, Departures, Difference, MappedColumn, TableMapping, held_by};
pub use marked::NewestCall;
pub use open::{Ledger, Setting};
pub use origin::{Correction, InOrigin};
pub use outcomes::{Learned, Learnt, OpenRow, Reading};
pub use paid::Unstamped;
pub use paid_replaced::PaidReplaced;
pub use plan::{PlanRules, Planned};
pub use resolve::Resolved;
pub use result_rows::{ResultRow, ResultRows};
pub use retry::{RetryFilter, RetryRow, RetrySummary};
pub use row_set::RowSet;
pub use rows_store::NewRow;
pub use send::{Attempt, BillRow, Intended, Intent};
pub use sentences::Sentence;
pub use settle::Settlement;
pub use states::{
    ChangedBills, ChunkState, Engine, FileState, HoldKind, PauseKind, RowState, UnknownWord,
};
pub use stored::{LateFact, LateFacts, Stored};
pub use surroundings::{Point, Surroundings};
pub use unseen::UnseenLine;
pub use verify::Broken;
pub use work_left::WorkLeft;

/// The row number's share of a row id: 24 bits, so 16,777,215 rows a file.
const ROW_BITS: u32 = 24;

/// One key for a row in the whole ledger: the file in the upper bits, `row_no` in the lower 24.
pub fn row_id(file_id: i64, row_no: u32) -> i64 {
    (file_id << ROW_BITS) + i64::from(row_no)
}

/// The file and the `row_no` of a row id.
pub fn row_of(row_id: i64) -> (i64, u32) {
    (row_id >> ROW_BITS, (row_id & ((1 << ROW_BITS) - 1)) as u32)
}
