//! A small world: a fresh database, one account under lease, and short words for its steps.

use crate::raw::{Raw, postgres_database};
use chrono::{DateTime, NaiveDate, Utc};
use ingest_ledger::*;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub(crate) const ACCOUNT: &str = "greenfield";
pub(crate) const LOGIN: &str = "http://localhost greenfield";

/// Runs one story on both databases, and on SQLite in memory.
#[macro_export]
macro_rules! both {
    ($name:ident, $story:ident) => {
        mod $name {
            #[tokio::test]
            async fn on_sqlite() {
                super::$story($crate::world::World::sqlite().await).await;
            }

            #[tokio::test]
            async fn in_memory() {
                super::$story($crate::world::World::in_memory().await).await;
            }

            #[tokio::test]
            async fn on_postgresql() {
                let world = $crate::world::World::postgres().await;
                let url = world.url.clone();
                super::$story(world).await;
                // Only a story that failed leaves its database behind, to be looked at.
                $crate::raw::postgres_dropped(&url).await;
            }
        }
    };
}

pub(crate) struct World {
    pub(crate) ledger: Ledger,
    pub(crate) lease: Lease,
    pub(crate) raw: Raw,
    pub(crate) url: String,
    /// Where SQLite's file lies: gone with the world.
    #[allow(dead_code)]
    pub(crate) folder: Option<tempfile::TempDir>,
}

/// A row of a sheet, as a test writes it.
#[derive(Clone)]
pub(crate) struct Bill {
    pub(crate) identifier: String,
    pub(crate) title: String,
    pub(crate) amount: i64,
    pub(crate) due: NaiveDate,
    pub(crate) valid: bool,
    pub(crate) corrects: Option<i64>,
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn bill(identifier: &str, amount: i64, due: &str) -> Bill {
    Bill {
        identifier: identifier.into(),
        title: format!("Pupil {identifier}"),
        amount,
        due: day(due),
        valid: true,
        corrects: None,
    }
}

pub(crate) fn invalid(identifier: &str) -> Bill {
    Bill {
        valid: false,
        ..bill(identifier, 100, "2035-03-10")
    }
}

/// `n` different pupils.
pub(crate) fn pupils(n: u32) -> Vec<Bill> {
    (1..=n)
        .map(|i| bill(&format!("P{i:05}"), 100_000 + i64::from(i), "2035-03-10"))
        .collect()
}

pub(crate) fn rules() -> PlanRules {
    PlanRules {
        today: day("2030-01-01"),
        past_due_reject: true,
        past_due_sentence: "the due date has passed".into(),
        changed_bills: ChangedBills::Hold,
        rows_per_request: 5_000,
        hold: None,
        elsewhere: Default::default(),
    }
}

/// Five calls in any thousandth of a second: no test waits for a rate it does not mean to test.
pub(crate) const FAST: u32 = 60_000;

impl World {
    pub(crate) async fn sqlite() -> World {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("ledger.db").display());
        let ledger = Ledger::open(&url).await.unwrap();
        let raw = Raw::Sqlite(sqlx::SqlitePool::connect(&url).await.unwrap());
        World::settled(ledger, raw, url, Some(folder)).await
    }

    pub(crate) async fn in_memory() -> World {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let n = MADE.fetch_add(1, Ordering::Relaxed);
        let url = format!("sqlite:/story{n}?vfs=memdb");
        let ledger = Ledger::open(&url).await.unwrap();
        let raw = Raw::Sqlite(sqlx::SqlitePool::connect(&url).await.unwrap());
        World::settled(ledger, raw, url, None).await
    }

    pub(crate) async fn postgres() -> World {
        let url = postgres_database().await;
        let ledger = Ledger::open(&url).await.unwrap();
        let raw = Raw::Postgres(sqlx::PgPool::connect(&url).await.unwrap());
        World::settled(ledger, raw, url, None).await
    }

    async fn settled(
        ledger: Ledger,
        raw: Raw,
        url: String,
        folder: Option<tempfile::TempDir>,
    ) -> World {
        ledger.account_put(ACCOUNT, LOGIN).await.unwrap();
        let lease = ledger
            .lease_take(ACCOUNT, "here", Duration::from_secs(600))
            .await
            .unwrap()
            .unwrap();
        World {
            ledger,
            lease,
            raw,
            url,
            folder,
        }
    }

    /// Claims and stores a sheet; answers its number.
    pub(crate) async fn store(&self, name: &str, bills: &[Bill], late: Vec<LateFact>) -> i64 {
        self.store_held(name, bills, late, None, 5_000).await
    }

    pub(crate) async fn store_held(
        &self,
        name: &str,
        bills: &[Bill],
        late: Vec<LateFact>,
        hold: Option<(HoldKind, String)>,
        rows_per_request: u32,
    ) -> i64 {
        let claim = self
            .ledger
            .file_claim(&self.lease, &new_file(name, rows_per_request))
            .await;
        let Claim::New { file_id } = claim.unwrap() else {
            panic!("{name} is not new")
        };
        self.store_rows(file_id, bills).await;
        let stored = Stored {
            rows: bills.len() as u64,
            valid: bills.iter().filter(|b| b.valid).count() as u64,
            sheets_json: "{}".into(),
            message: None,
            hold,
            late: late.into(),
            ..Stored::default()
        };
        self.ledger
            .file_stored(&self.lease, file_id, &stored)
            .await
            .unwrap();
        file_id
    }

    pub(crate) async fn store_rows(&self, file_id: i64, bills: &[Bill]) {
        let problem = r#"[{"field":"amount","cell":"C2","value":"12,0O","problem":"Amount: `12,0O` is not a number","severity":"error"}]"#;
        let rows: Vec<NewRow<'_>> = bills
            .iter()
            .enumerate()
            .map(|(i, b)| NewRow {
                row_no: i as u32 + 1,
                sheet: "Fees",
                row_number: i as u32 + 2,
                title: &b.title,
                identifier: &b.identifier,
                amount: b.valid.then_some(b.amount),
                due_date: Some(b.due),
                amount_after_due_date: None,
                valid: b.valid,
                raw_json: (!b.valid).then_some(r#"["x"]"#),
                problems_json: (!b.valid).then_some(problem),
                corrects: b.corrects,
            })
            .collect();
        for part in rows.chunks(5_000) {
            self.ledger
                .rows_store(&self.lease, file_id, part)
                .await
                .unwrap();
        }
    }

    pub(crate) async fn plan(&self, file_id: i64) -> Planned {
        let rows_per_request = self.file(file_id).await.rows_per_request as u32;
        let rules = PlanRules {
            rows_per_request,
            ..rules()
        };
        self.ledger
            .plan_file(&self.lease, file_id, &rules)
            .await
            .unwrap()
    }

    /// Stores and plans a sheet.
    pub(crate) async fn drop_in(&self, name: &str, bills: &[Bill]) -> i64 {
        let file_id = self.store(name, bills, Vec::new()).await;
        self.plan(file_id).await;
        file_id
    }

    /// The intent for the next chunk.
    pub(crate) async fn next_attempt(&self) -> Attempt {
        self.ledger.read_answered(ACCOUNT).await.unwrap();
        let chunk = self
            .ledger
            .next_ready(ACCOUNT)
            .await
            .unwrap()
            .expect("a chunk is ready");
        match self.intend(&chunk).await {
            Intended::Go(attempt) => attempt,
            other => panic!("chunk {} was not to be sent: {other:?}", chunk.chunk_id),
        }
    }

    pub(crate) async fn intend(&self, chunk: &ChunkLine) -> Intended {
        let rules = rules();
        let intent = Intent {
            rows: &chunk.live,
            body_sha256: [7; 32],
            per_minute: FAST,
            deadline: Duration::from_secs(60),
            rules: &rules,
        };
        loop {
            match self
                .ledger
                .intend(&self.lease, chunk.chunk_id, &intent)
                .await
                .unwrap()
            {
                Intended::Wait(wait) => tokio::time::sleep(wait).await,
                done => return done,
            }
        }
    }

    pub(crate) async fn settle(&self, attempt: &Attempt, settlement: Settlement) {
        self.ledger.settle(attempt, &settlement).await.unwrap();
    }

    /// Sends the next chunk; the hub takes all of it under this number.
    pub(crate) async fn send_taken(&self, request_id: &str) -> Attempt {
        let attempt = self.next_attempt().await;
        self.settle(&attempt, taken(request_id)).await;
        attempt
    }

    /// Every ready chunk is taken and gets its PSIDs.
    pub(crate) async fn send_and_bill_all(&self, first_request: u32) {
        let mut request = first_request;
        while self.ledger.next_ready(ACCOUNT).await.unwrap().is_some() {
            let attempt = self.send_taken(&request.to_string()).await;
            self.say_of_all(attempt.chunk_id, RowState::Billed).await;
            request += 1;
        }
    }

    /// The hub says the same of every open row of a chunk; a PSID is made of the identifier.
    pub(crate) async fn say_of_all(&self, chunk_id: i64, state: RowState) -> Learnt {
        let facts = self
            .ledger
            .open_rows(chunk_id)
            .await
            .unwrap()
            .into_iter()
            .map(|row| Learned {
                row_no: row.row_no,
                state,
                psid: matches!(state, RowState::Billed | RowState::Paid)
                    .then(|| format!("1001{}", row.identifier)),
                payment_id: Some(format!("{}", row.row_no)),
                message: None,
            })
            .collect();
        let reading = Reading {
            facts,
            processed: true,
            ask_in: Some(Duration::from_secs(60)),
            ..Reading::default()
        };
        self.ledger.learn(chunk_id, &reading).await.unwrap()
    }

    pub(crate) async fn approve(
        &self,
        file_id: i64,
        filter: &HeldFilter,
    ) -> Result<ApproveSummary, LedgerError> {
        let asked_at = self.asked_at().await;
        self.ledger
            .approve(&self.lease, file_id, filter, &rules(), asked_at)
            .await
    }

    /// A person asks for something: when, by the database's clock.
    pub(crate) async fn asked_at(&self) -> DateTime<Utc> {
        let asked = asking("retry", "{}", "amina");
        let asked = self.ledger.decision_ask(&asked).await.unwrap();
        let decision = self.ledger.decision(asked).await;
        decision.unwrap().unwrap().asked_at
    }

    /// Waits until the database's clock has gone on: what is done now is done after that time.
    pub(crate) async fn goes_on_after(&self, at: DateTime<Utc>) {
        while self.asked_at().await <= at {}
    }

    /// Where the rows of a file stand, in order.
    pub(crate) async fn states(&self, file_id: i64) -> Vec<RowState> {
        let rows = self
            .ledger
            .result_rows(file_id, ResultRows::All, 0, 100_000)
            .await
            .unwrap();
        rows.into_iter().map(|row| row.state).collect()
    }

    pub(crate) async fn message(&self, file_id: i64, row_no: u32) -> String {
        let rows = self
            .ledger
            .result_rows(file_id, ResultRows::All, row_no - 1, 1)
            .await
            .unwrap();
        rows[0].message.clone().unwrap_or_default()
    }

    pub(crate) async fn file(&self, file_id: i64) -> FileLine {
        self.ledger.file(file_id).await.unwrap().unwrap()
    }

    pub(crate) async fn counts(&self, file_id: i64) -> BTreeMap<RowState, i64> {
        self.ledger.counts(file_id).await.unwrap()
    }

    /// The deadline of a call passes without an answer.
    pub(crate) async fn call_runs_out(&self, attempt: &Attempt) {
        self.raw
            .run(&format!(
                "update attempts set deadline_at = '2020-01-01T00:00:00.000Z' where attempt_id = {}",
                attempt.attempt_id
            ))
            .await;
    }

    /// The lease ends as it does when its process dies, and another process takes it.
    pub(crate) async fn another_process(&mut self) {
        self.raw
            .run("update accounts set lease_until = null, lease_holder = null")
            .await;
        let lease = self
            .ledger
            .lease_take(ACCOUNT, "there", Duration::from_secs(600))
            .await;
        self.lease = lease.unwrap().unwrap();
    }

    pub(crate) async fn verified(&self) {
        let broken = self.ledger.verify().await.unwrap();
        assert!(broken.is_empty(), "{broken:#?}");
    }
}

pub(crate) fn new_file(name: &str, rows_per_request: u32) -> NewFile {
    let mut sha256 = [0; 32];
    for (i, byte) in name.bytes().enumerate() {
        sha256[i % 32] ^= byte;
    }
    NewFile {
        file_name: name.into(),
        sha256,
        size: 100,
        spool_name: format!("spool-{name}"),
        rows_per_request,
        by_hand: false,
        force: false,
        hold: None,
    }
}

pub(crate) fn taken(request_id: &str) -> Settlement {
    Settlement::Taken {
        request_id: request_id.into(),
        refused: Vec::new(),
        unproven: RowSet::new(),
        message: None,
        ask_in: Duration::ZERO,
    }
}

/// The hub refuses the first row alone, and the call has no other.
pub(crate) fn first_row_refused() -> Settlement {
    Settlement::RowsRefused {
        refused: vec![(1, "no".into())],
        unnamed: RowSet::new(),
        message: None,
    }
}

/// What somebody asks of the account.
pub(crate) fn asking<'a>(kind: &'a str, ask_json: &'a str, by: &'a str) -> NewDecision<'a> {
    NewDecision {
        account: ACCOUNT,
        kind,
        ask_json,
        asked_by: by,
        ..NewDecision::default()
    }
}

/// What came of it.
pub(crate) fn came_of(state: DecisionState, answer_json: &str) -> CarriedOut<'_> {
    CarriedOut {
        state,
        answer_json,
        done_by: "desk:1",
        evidence_json: None,
        files: &[],
    }
}
