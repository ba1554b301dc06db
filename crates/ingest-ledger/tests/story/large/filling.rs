//! Ten months of four schools, in minutes: rows go in by the ledger's own step, what became of them by
//! plain SQL, and `verify` says whether the one fits the other.

use crate::raw::Raw;
use crate::world::{day, new_file};
use ingest_ledger::*;
use std::collections::BTreeMap;
use std::fmt::Write;
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

/// What became of a row, by its place in the sheet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Invalid,
    /// Judged when it was planned, never sent.
    Aside(RowState),
    /// Refused, and not sent again.
    Rejected,
    /// Refused, and sent again in a chunk off the grid, which was taken.
    Again,
    /// Taken, and the hub said more of it.
    Own(RowState),
    /// Taken, as its chunk says.
    Follows,
}

impl Fate {
    fn state(self) -> RowState {
        match self {
            Fate::Invalid => RowState::Invalid,
            Fate::Aside(state) | Fate::Own(state) => state,
            Fate::Rejected => RowState::Rejected,
            Fate::Again | Fate::Follows => RowState::Accepted,
        }
    }

    /// The first call that carried it is known to have made no bill that lives.
    fn cleared(self) -> bool {
        let dead = [RowState::Rejected, RowState::Errored, RowState::Discarded];
        self == Fate::Again || dead.contains(&self.state())
    }
}

/// A sheet of a school.
struct Sheet {
    school: usize,
    file_id: i64,
    due: String,
    /// What its amounts have on top of the usual.
    more: i64,
    fates: Vec<Fate>,
}

impl Sheet {
    fn with(&self, rows: &[u32], test: impl Fn(Fate) -> bool) -> RowSet {
        let of = |row_no: &&u32| test(self.fates[**row_no as usize - 1]);
        rows.iter().filter(of).copied().collect()
    }

    fn row_nos(&self) -> Vec<u32> {
        (1..=self.fates.len() as u32).collect()
    }
}

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

fn amount(row_no: u32) -> i64 {
    150_000 + i64::from(row_no % 977) * 100
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
        let fates = (1..=self.rows_per_sheet).map(|n| self.fate(month, n));
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

    fn fate(&self, month: i64, row_no: u32) -> Fate {
        match row_no % 100 {
            99 => Fate::Invalid,
            98 => Fate::Rejected,
            97 if month == MONTHS => Fate::Aside(RowState::Held),
            97 => Fate::Aside(RowState::Skipped),
            96 => Fate::Again,
            k if k >= self.lines => Fate::Follows,
            3 => Fate::Own(RowState::Discarded),
            4 => Fate::Own(RowState::Errored),
            _ if month < MONTHS - 1 => Fate::Own(RowState::Paid),
            _ => Fate::Own(RowState::Billed),
        }
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

    /// Claims the sheet and stores its rows.
    async fn store(&mut self, sheet: &mut Sheet, name: &str) {
        let (school, lease) = (sheet.school, &self.leases[sheet.school]);
        let new = new_file(&format!("{}-{name}", account(school)), ROWS_PER_CALL);
        let claim = self.ledger.file_claim(lease, &new).await.unwrap();
        let Claim::New { file_id } = claim else {
            panic!("{name} is not new")
        };
        sheet.file_id = file_id;
        let due = day(&sheet.due);
        let problem = r#"[{"field":"amount","cell":"C2","value":"12,0O","problem":"Amount: `12,0O` is not a number","severity":"error"}]"#;
        for block in sheet.row_nos().chunks(20_000) {
            let texts: Vec<(String, String)> = block
                .iter()
                .map(|n| {
                    let title = format!("Pupil {n} of class {}", n % 12);
                    (title, format!("3520{school}{n:08}"))
                })
                .collect();
            let rows: Vec<NewRow<'_>> = block
                .iter()
                .zip(&texts)
                .map(|(n, (title, identifier))| {
                    let valid = sheet.fates[*n as usize - 1] != Fate::Invalid;
                    NewRow {
                        row_no: *n,
                        sheet: "Fees",
                        row_number: n + 1,
                        title,
                        identifier,
                        amount: valid.then_some(amount(*n) + sheet.more),
                        due_date: Some(due),
                        amount_after_due_date: Some(amount(*n) + 50_000),
                        valid,
                        raw_json: (!valid).then_some(r#"["12,0O"]"#),
                        problems_json: (!valid).then_some(problem),
                        corrects: None,
                    }
                })
                .collect();
            self.ledger.rows_store(lease, file_id, &rows).await.unwrap();
        }
        self.raw
            .run(&format!(
                "update files set state = 'settled', stored_at = '2026-01-01T00:00:00.000Z',
                    planned_at = '2026-01-01T00:00:01.000Z' where file_id = {file_id}"
            ))
            .await;
    }

    /// The chunks of the sheet's grid, each taken by the hub in one call.
    async fn grid(&mut self, sheet: &Sheet) {
        let valid: Vec<u32> = sheet
            .with(&sheet.row_nos(), |fate| fate != Fate::Invalid)
            .iter()
            .collect();
        for (chunk_no, rows) in valid.chunks(ROWS_PER_CALL as usize).enumerate() {
            let members = sheet.with(rows, |fate| !matches!(fate, Fate::Aside(_)));
            let live = sheet.with(rows, |fate| fate == Fate::Follows);
            let cleared = sheet.with(rows, Fate::cleared);
            self.chunk(sheet, Some(chunk_no as i64), &members, &live, &cleared)
                .await;
        }
    }

    /// One chunk and its call; answers its number.
    async fn chunk(
        &mut self,
        sheet: &Sheet,
        chunk_no: Option<i64>,
        members: &RowSet,
        live: &RowSet,
        cleared: &RowSet,
    ) -> i64 {
        self.chunks += 1;
        let (id, file_id, due) = (self.chunks, sheet.file_id, &sheet.due);
        let account = account(sheet.school);
        let sum: i64 = members.iter().map(|n| amount(n) + sheet.more).sum();
        let (n, no) = (
            members.len(),
            chunk_no.map_or("null".into(), |n| n.to_string()),
        );
        let (members, live, cleared) = (members.to_json(), live.to_json(), cleared.to_json());
        // Thirty calls a minute are allowed, and one is made every three seconds.
        let at = (day("2026-01-02").and_hms_opt(0, 0, 0).unwrap()
            + chrono::Duration::seconds(3 * id))
        .format("%Y-%m-%dT%H:%M:%S.000Z");
        self.raw
            .run(&format!(
                "insert into chunks (file_id, account, chunk_no, state, row_count, total_amount, first_due, members, live,
                    request_id, login, attempts, planned_at, changed_at, sent_at, answered_at)
                 values ({file_id}, '{account}', {no}, 'accepted', {n}, {sum}, '{due}', '{members}', '{live}',
                    '{id}', 'https://hub.example {account}', 1, '{at}', '{at}', '{at}', '{at}');
                 insert into attempts (chunk_id, account, epoch, holder, body_sha256, row_count, total_amount, members,
                    intended_at, deadline_at, answered_at, outcome, per_minute, cleared)
                 values ({id}, '{account}', 1, 'here', {}, {n}, {sum}, '{members}', '{at}', '{at}', '{at}', 'taken', 30, '{cleared}')",
                self.bytes()
            ))
            .await;
        id
    }

    /// The lines of rows with facts of their own, and the short lists.
    async fn own_facts(&self, sheet: &Sheet, off_grid: &[(i64, RowSet)]) {
        let file_id = sheet.file_id;
        let mut by_fate: BTreeMap<Fate, RowSet> = BTreeMap::new();
        for (n, fate) in sheet.row_nos().into_iter().zip(&sheet.fates) {
            by_fate.entry(*fate).or_default().insert(n);
        }
        let mut cases = String::new();
        for (fate, rows) in &by_fate {
            // Every fate is a place among a hundred, or several.
            let places: std::collections::BTreeSet<u32> = rows.iter().map(|n| n % 100).collect();
            if let Fate::Aside(state) | Fate::Own(state) = fate {
                for k in places {
                    write!(cases, " when {k} then '{state}'").unwrap();
                }
            }
        }
        let first = row_id(file_id, 1);
        let last = row_id(file_id, self.rows_per_sheet);
        let known = "case when x.state in ('paid', 'billed', 'discarded')";
        self.raw
            .run(&format!(
                "insert into row_state (row_id, updated_at, state, paid_at, psid, payment_id, message, hold_kind)
                 select x.row_id, '2026-01-05T00:00:00.000Z', x.state,
                    case when x.state = 'paid' then {},
                    {known} then '10010' || x.identifier end, {known} then cast(x.row_id as text) end,
                    case when x.state in ('rejected', 'errored', 'held', 'skipped') then 'the hub or the ledger said why' end,
                    case when x.state = 'held' then 'changed' end
                 from (select row_id, identifier, case (row_id & 16777215) % 100 when 98 then 'rejected' {cases} end as state
                    from rows where row_id between {first} and {last}) as x
                 where x.state is not null order by x.row_id;
                 insert into held_rows (row_id, account, kind) select row_id, '{}', 'changed' from row_state
                 where row_id between {first} and {last} and state = 'held';
                 insert into failed_rows (row_id, account, state) select row_id, '{}', state from row_state
                 where row_id between {first} and {last} and state in ('rejected', 'errored')",
                match self.raw {
                    Raw::Postgres(_) => "timestamptz '2026-01-05T00:00:00.000Z' end",
                    Raw::Sqlite(_) => "'2026-01-05T00:00:00.000Z' end",
                },
                account(sheet.school),
                account(sheet.school),
            ))
            .await;
        for (chunk_id, rows) in off_grid {
            let values: Vec<String> = rows
                .iter()
                .map(|n| {
                    let id = row_id(file_id, n);
                    format!("({id}, {chunk_id}, '2026-01-05T00:00:00.000Z')")
                })
                .collect();
            let values = values.join(", ");
            self.raw
                .run(&format!(
                    "insert into row_state (row_id, chunk_id, updated_at) values {values}"
                ))
                .await;
        }
    }

    async fn counts_and_feed(&mut self, sheet: &Sheet) {
        let mut by_state: BTreeMap<RowState, RowSet> = BTreeMap::new();
        for (n, fate) in sheet.row_nos().into_iter().zip(&sheet.fates) {
            by_state.entry(fate.state()).or_default().insert(n);
        }
        let file_id = sheet.file_id;
        for (state, rows) in by_state {
            let n = rows.len();
            let mut batches = String::new();
            for piece in rows.pieces(u64::from(ROWS_PER_CALL)) {
                let mut before = 0;
                let ranges: Vec<String> = piece
                    .ranges()
                    .iter()
                    .map(|(a, b)| {
                        let range = format!("[{a},{b},{before}]");
                        before += b - a + 1;
                        range
                    })
                    .collect();
                self.changes += i64::from(before);
                let comma = if batches.is_empty() { "" } else { ", " };
                let (last, ranges) = (self.changes, ranges.join(","));
                write!(batches, "{comma}({last}, {before}, '2026-01-05T00:00:00.000Z', {file_id}, '{state}', '[{ranges}]')").unwrap();
            }
            self.raw
                .run(&format!(
                    "insert into file_counts (file_id, state, n) values ({file_id}, '{state}', {n});
                     insert into changes (last_id, n, changed_at, file_id, state, rows) values {batches}"
                ))
                .await;
        }
    }

    /// Bills that somebody else made at the hub, for payers of ours and another day.
    async fn foreign_bills(&self) {
        self.raw
            .run(
                "insert into foreign_bills (account, login, request_id, payment_id, payer_key, identifier, amount,
                    amount_after_due_date, due_date, state, after_row, stored_at, updated_at)
                 select 'school0', 'https://hub.example school0', 'f1', cast(row_id as text), payer_key, identifier, 100,
                    100, '2034-01-01', 'billed', row_id, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'
                 from rows where row_id between 16777217 and 16782216",
            )
            .await;
    }

    /// Some bytes.
    fn bytes(&self) -> &'static str {
        match self.raw {
            Raw::Postgres(_) => "'\\x07'",
            Raw::Sqlite(_) => "x'07'",
        }
    }
}
