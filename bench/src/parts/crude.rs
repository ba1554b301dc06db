//! The whole job with nothing but the work in it: rows judged, all of them copied into one table
//! without an index, one call after the other, PSIDs appended to a second table or written into the
//! first by UPDATE. No intent, no look-up, no history, no sheet for the bursar: whoever is killed here
//! bills twice. It is the bound for what keeps all that safe.

mod judging;
mod wire;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use self::judging::{Judged, judged};
use self::wire::Hub;
use super::micros;

const ROWS_PER_CALL: usize = 5_000;
/// Text that is handed to COPY at a time.
const COPY_BYTES: usize = 1 << 20;
/// Until a request is asked about again whose PSIDs are not all there.
const ASKED_AGAIN: Duration = Duration::from_millis(20);

const TABLES: &str = "
    create table bills (
        row_no bigint primary key, title text not null, identifier text not null, amount bigint, due date,
        late bigint, psid text
    );
    create table told (row_no bigint not null, psid text not null)";

/// How PSIDs are stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// As lines of their own.
    Appended,
    /// In the bill's line.
    Updated,
}

pub(super) async fn whole_job(words: &[&str], stored: Stored) -> Result<Value> {
    let [sheet, url, base_url, username, password] = words else {
        anyhow::bail!("SHEET DATABASE BASE_URL USERNAME PASSWORD are wanted");
    };
    let began = Instant::now();
    let rows = judged(sheet.as_ref())?;
    let mut connection = PgConnection::connect(url).await?;
    sqlx::raw_sql(TABLES).execute(&mut connection).await?;
    copy(&mut connection, "bills", rows.iter().map(Judged::line)).await?;
    let copied = micros(began);

    let mut hub = Hub::sign_in(base_url, username, password).await?;
    let valid: Vec<&Judged> = rows.iter().filter(|row| row.bill.is_some()).collect();
    let chunks: Vec<&[&Judged]> = valid.chunks(ROWS_PER_CALL).collect();
    let mut numbers = Vec::new();
    for chunk in &chunks {
        numbers.push(hub.add_bulk(&body(chunk)?).await?);
    }
    let posted = micros(began);

    for (number, chunk) in numbers.iter().zip(&chunks) {
        let psids = loop {
            match hub.psids(*number).await? {
                Some(psids) => break psids,
                None => tokio::time::sleep(ASKED_AGAIN).await,
            }
        };
        ensure!(
            psids.len() == chunk.len(),
            "the hub tells {} PSIDs of {} rows",
            psids.len(),
            chunk.len()
        );
        let pairs = chunk.iter().zip(&psids);
        match stored {
            Stored::Appended => {
                let lines = pairs.map(|(row, psid)| format!("{}\t{psid}\n", row.row_no));
                copy(&mut connection, "told", lines).await?;
            }
            Stored::Updated => {
                let row_nos: Vec<i64> = pairs.map(|(row, _)| row.row_no).collect();
                sqlx::query(
                    "update bills b set psid = x.psid from unnest($1::bigint[], $2::text[]) as x (row_no, psid) where b.row_no = x.row_no",
                )
                .bind(&row_nos)
                .bind(&psids)
                .execute(&mut connection)
                .await?;
            }
        }
    }
    let micros = micros(began);
    connection.close().await?;
    Ok(json!({
        "rows": rows.len(), "valid": valid.len(), "micros": micros,
        "copied_micros": copied, "posted_micros": posted - copied, "psids_micros": micros - posted,
    }))
}

/// Lines of COPY's text format, in one transaction.
async fn copy(
    connection: &mut PgConnection,
    table: &str,
    lines: impl Iterator<Item = String>,
) -> Result<()> {
    let mut to = connection
        .copy_in_raw(&format!("copy {table} from stdin"))
        .await?;
    let mut text = String::with_capacity(COPY_BYTES);
    for line in lines {
        text.push_str(&line);
        if text.len() >= COPY_BYTES {
            to.send(text.as_bytes()).await?;
            text.clear();
        }
    }
    to.send(text.as_bytes()).await?;
    to.finish().await?;
    Ok(())
}

/// The body of one call.
fn body(chunk: &[&Judged]) -> Result<String> {
    let mut body = String::from("{\"payments\":[");
    for (n, row) in chunk.iter().enumerate() {
        let bill = row.bill.as_ref().context("only valid rows are sent")?;
        let comma = if n == 0 { "" } else { "," };
        let (title, identifier) = (json!(row.title), json!(row.identifier));
        let (amount, late) = (rupees(bill.amount), rupees(bill.late));
        write!(
            body,
            "{comma}{{\"title\":{title},\"identifier\":{identifier},\"amount\":\"{amount}\",\"dueDate\":\"{}\",\"amountAfterDueDate\":\"{late}\"}}",
            bill.due
        )?;
    }
    body.push_str("]}");
    Ok(body)
}

fn rupees(paisa: i64) -> String {
    format!("{}.{:02}", paisa / 100, paisa % 100)
}
