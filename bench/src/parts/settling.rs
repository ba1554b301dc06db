//! Outcomes: chunks taken and PSIDs stored as the service stores them, and the same by UPDATE … FROM
//! UNNEST on a wide row, which is how it is done otherwise.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use ingest_ledger::{
    ChangedBills, HeldElsewhere, Intended, Intent, Learned, Lease, Ledger, PlanRules, Reading,
    RowSet, RowState, Settlement, Stored,
};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use super::micros;
use super::storing::{ACCOUNT, ROWS_PER_REQUEST, stored};

/// As fast as an account may be allowed to call.
const PER_MINUTE: u32 = 60_000;

pub(super) fn rules() -> PlanRules {
    PlanRules {
        // Before any sheet of ours is due.
        today: chrono::NaiveDate::from_ymd_opt(2001, 1, 1).unwrap_or_default(),
        past_due_reject: true,
        past_due_sentence: "past due".to_owned(),
        changed_bills: ChangedBills::Hold,
        rows_per_request: ROWS_PER_REQUEST,
        hold: None,
        elsewhere: HeldElsewhere::default(),
    }
}

pub(super) async fn settle(url: &str, rows: u32) -> Result<Value> {
    let stored = stored(url, rows).await?;
    let (ledger, lease, file_id) = (&stored.ledger, &stored.lease, stored.file_id);
    let facts = Stored {
        rows: rows.into(),
        valid: stored.valid,
        sheets_json: "{}".to_owned(),
        ..Stored::default()
    };
    ledger.file_stored(lease, file_id, &facts).await?;
    ledger.refresh_statistics().await?;
    let began = Instant::now();
    ledger.plan_file(lease, file_id, &rules()).await?;
    let planned = micros(began);
    let sent = send_all(ledger, lease, 1, RowState::Billed).await?;
    stored.ledger.close().await;
    let Sent {
        intended,
        taken,
        psids,
        ..
    } = sent;
    Ok(json!({
        "rows": stored.valid, "micros": intended + taken + psids, "planned_micros": planned,
        "intended_micros": intended, "taken_micros": taken, "psids_micros": psids,
    }))
}

/// How long each step took, in microseconds, and how many calls it were.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) calls: u32,
    intended: u64,
    taken: u64,
    psids: u64,
}

/// Every chunk that is ready: its intent, its answer (the hub's numbers begin with `first`), and PSIDs
/// that come with this state.
pub(super) async fn send_all(
    ledger: &Ledger,
    lease: &Lease,
    first: u32,
    state: RowState,
) -> Result<Sent> {
    let mut sent = Sent::default();
    while let Some(chunk) = ledger.next_ready(ACCOUNT).await? {
        let number = first + sent.calls;
        sent.calls += 1;
        let rules = rules();
        let intent = Intent {
            rows: &chunk.live,
            body_sha256: [7; 32],
            per_minute: PER_MINUTE,
            deadline: Duration::from_secs(60),
            rules: &rules,
        };
        let attempt = loop {
            let began = Instant::now();
            match ledger.intend(lease, chunk.chunk_id, &intent).await? {
                Intended::Go(attempt) => {
                    sent.intended += micros(began);
                    break attempt;
                }
                Intended::Wait(wait) => tokio::time::sleep(wait).await,
                other => bail!("chunk {} may not go: {other:?}", chunk.chunk_id),
            }
        };
        let answer = Settlement::Taken {
            request_id: number.to_string(),
            refused: Vec::new(),
            unproven: RowSet::new(),
            message: None,
            ask_in: Duration::from_secs(1),
        };
        let began = Instant::now();
        ledger.settle(&attempt, &answer).await?;
        sent.taken += micros(began);

        let fact = |row_no: u32| Learned {
            row_no,
            state,
            // A payer keeps the PSID; one of our payers has the same row in every sheet.
            psid: Some(format!("1001{row_no:020}")),
            payment_id: Some(row_no.to_string()),
            message: None,
        };
        let reading = Reading {
            facts: chunk.live.iter().map(fact).collect(),
            processed: true,
            ..Reading::default()
        };
        let began = Instant::now();
        ledger.learn(chunk.chunk_id, &reading).await?;
        sent.psids += micros(began);
    }
    Ok(sent)
}

/// One wide line a bill with its state, indexed as it would be: by key, file, payer and state.
const WIDE: &str = "
    create table wide_bills (
        bill_id bigint primary key, file_id bigint not null, row_number bigint not null,
        title text not null, identifier text not null, amount bigint not null,
        due_date date not null, amount_after_due_date bigint not null,
        state text not null, psid text, payment_id text, request_id text, message text,
        sent_at timestamptz, updated_at timestamptz
    );
    create index on wide_bills (file_id, bill_id);
    create index on wide_bills (identifier);
    create index on wide_bills (state)";

/// 5,000 rows at a time, each in a transaction of its own.
pub(super) async fn update_from_unnest(url: &str, rows: u32) -> Result<Value> {
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(WIDE).execute(&mut connection).await?;
    sqlx::query(
        "insert into wide_bills select n, 1, n + 1, 'Ayesha Khan class ' || n % 12, 'GF-' || lpad(n::text, 8, '0'),
            150000 + n % 977, date '2035-03-10', 200000 + n % 977, 'accepted', null, null, '1', null, now(), now()
         from generate_series(1, $1::bigint) as n",
    )
    .bind(i64::from(rows))
    .execute(&mut connection)
    .await?;
    sqlx::raw_sql("analyze wide_bills")
        .execute(&mut connection)
        .await?;
    let all: Vec<i64> = (1..=i64::from(rows)).collect();
    let mut took = 0;
    for ids in all.chunks(ROWS_PER_REQUEST as usize) {
        let psids: Vec<String> = ids.iter().map(|id| format!("1001{id:020}")).collect();
        let payments: Vec<String> = ids.iter().map(i64::to_string).collect();
        let began = Instant::now();
        let done = sqlx::query(
            "update wide_bills b set state = 'billed', psid = x.psid, payment_id = x.payment, updated_at = now()
             from unnest($1::bigint[], $2::text[], $3::text[]) as x (id, psid, payment) where b.bill_id = x.id",
        )
        .bind(ids)
        .bind(&psids)
        .bind(&payments)
        .execute(&mut connection)
        .await?;
        took += micros(began);
        if done.rows_affected() != ids.len() as u64 {
            bail!("{} rows of {} were there", done.rows_affected(), ids.len());
        }
    }
    connection.close().await?;
    Ok(json!({"rows": rows, "micros": took, "taken_micros": took, "psids_micros": took}))
}
