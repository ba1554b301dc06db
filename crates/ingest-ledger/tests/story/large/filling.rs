//! Ten months of four schools, in minutes: rows go in by the ledger's own step, what became of them by
//! plain SQL, and `verify` says whether the one fits the other.

mod facts;
mod fates;
mod sheets;

use self::fates::{Fate, Sheet};
use crate::raw::Raw;
use ingest_ledger::*;
use std::time::Duration;

const SCHOOLS: usize = 4;
const MONTHS: i64 = 10;
const ROWS_PER_CALL: u32 = 5_000;
/// Rows of each school's last sheet, all of which replace an unpaid bill of the last month.
const REPLACING: usize = 2_000;
/// Made anew when all rows are in: kept true row by row they would take most of the time.
const INDEXES: [(&str, &str); 2] = [
    (
        "rows_by_payer",
        "rows (payer_key) where payer_key is not null",
    ),
    (
        "row_state_by_psid",
        "row_state (psid) where psid is not null",
    ),
];

pub(super) struct Filling {
    ledger: Ledger,
    raw: Raw,
    rows_per_sheet: u32,
    /// Of a hundred rows, those that have facts of their own.
    lines: u32,
    leases: Vec<Lease>,
    chunks: i64,
    changes: i64,
}

fn account(school: usize) -> String {
    format!("school{school}")
}

impl Filling {
    pub(super) async fn open(url: &str, rows: i64, lines: i64) -> Filling {
        let ledger = Ledger::open(url).await.unwrap();
        let raw = match ledger.engine() {
            Engine::Sqlite => Raw::Sqlite(sqlx::SqlitePool::connect(url).await.unwrap()),
            Engine::Postgres => Raw::Postgres(sqlx::PgPool::connect(url).await.unwrap()),
        };
        let mut leases = Vec::new();
        for account in (0..SCHOOLS).map(account) {
            let login = format!("https://hub.example {account}");
            ledger.account_put(&account, &login).await.unwrap();
            let lease = ledger.lease_take(&account, "here", Duration::from_secs(86_400));
            leases.push(lease.await.unwrap().unwrap());
        }
        Filling {
            ledger,
            raw,
            rows_per_sheet: (rows / (SCHOOLS as i64 * MONTHS)) as u32,
            lines: lines as u32,
            leases,
            chunks: 0,
            changes: 0,
        }
    }

    /// Fills it, if it is empty; answers the ledger.
    pub(super) async fn fill(mut self) -> Ledger {
        if self.raw.text("select 'filled' from rows limit 1").await == "filled" {
            return self.ledger;
        }
        for (name, _) in INDEXES {
            self.raw.run(&format!("drop index {name}")).await;
        }
        let mut newest = Vec::new();
        for month in 1..=MONTHS {
            for school in 0..SCHOOLS {
                let sheet = self.month(school, month).await;
                if month == MONTHS {
                    newest.push(sheet);
                }
            }
        }
        for sheet in &newest {
            self.replacing(sheet).await;
        }
        for (name, on) in INDEXES {
            self.raw.run(&format!("create index {name} on {on}")).await;
        }
        let changes = self.changes;
        self.raw
            .run(&format!("update feed_head set last_id = {changes}"))
            .await;
        self.foreign_bills().await;
        if let Raw::Postgres(_) = self.raw {
            self.raw.run("vacuum analyze").await;
        }
        self.ledger
    }

    /// A month's sheet of a school.
    async fn month(&mut self, school: usize, month: i64) -> Sheet {
        let fates = (1..=self.rows_per_sheet)
            .map(|n| Fate::of(n, month == MONTHS, month < MONTHS - 1, self.lines));
        let mut sheet = Sheet {
            school,
            file_id: 0,
            due: format!("2035-{month:02}-10"),
            more: 0,
            fates: fates.collect(),
        };
        self.store(&mut sheet, &format!("month{month}.xlsx")).await;
        self.grid(&sheet).await;
        let again = sheet.with(&sheet.row_nos(), |fate| fate == Fate::Again);
        let mut off_grid = Vec::new();
        for piece in again.pieces(u64::from(ROWS_PER_CALL)) {
            let none = RowSet::new();
            let chunk_id = self.chunk(&sheet, None, &piece, &piece, &none).await;
            off_grid.push((chunk_id, piece));
        }
        self.own_facts(&sheet, &off_grid).await;
        self.counts_and_feed(&sheet).await;
        sheet
    }

    /// Rows that replace unpaid bills of a sheet: until the hub has discarded those, both live.
    async fn replacing(&mut self, old: &Sheet) {
        let lives = |fate: Fate| matches!(fate.state(), RowState::Accepted | RowState::Billed);
        let rows: Vec<u32> = old.with(&old.row_nos(), lives).iter().collect();
        let last = rows[rows.len().min(REPLACING) - 1];
        let fates = (1..=last).map(|n| match lives(old.fates[n as usize - 1]) {
            true => Fate::Follows,
            false => Fate::Invalid,
        });
        let mut sheet = Sheet {
            school: old.school,
            file_id: 0,
            due: old.due.clone(),
            more: 100,
            fates: fates.collect(),
        };
        self.store(&mut sheet, "changed.xlsx").await;
        self.grid(&sheet).await;
        let (file_id, apart) = (sheet.file_id, (sheet.file_id - old.file_id) << 24);
        self.raw
            .run(&format!(
                "insert into row_state (row_id, replaces, updated_at)
                 select row_id, row_id - {apart}, '2026-01-05T00:00:00.000Z' from rows
                 where row_id > {file_id} * 16777216 and chunk_no is not null"
            ))
            .await;
        self.counts_and_feed(&sheet).await;
    }

    /// Bills that somebody else made at the hub, for payers of ours and the same day, but known only
    /// after ours were sent.
    async fn foreign_bills(&self) {
        self.raw
            .run(
                "insert into foreign_bills (account, login, request_id, payment_id, payer_key, identifier, amount,
                    amount_after_due_date, due_date, state, after_row, stored_at, updated_at)
                 select 'school0', 'https://hub.example school0', 'f1', cast(row_id as text), payer_key, identifier, 100,
                    100, due_date, 'billed', row_id, '2026-06-01T00:00:00.000Z', '2026-06-01T00:00:00.000Z'
                 from rows where row_id between 16777217 and 16782216 and payer_key is not null",
            )
            .await;
    }
}
