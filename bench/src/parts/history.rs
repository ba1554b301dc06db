//! A history of the payers that the large sheet bills: the same sheet, month by month with other due
//! dates, each bill taken, given a PSID and paid, by the ledger's own steps.

use anyhow::{Result, bail};
use ingest_ledger::{Claim, RowState, Stored};
use serde_json::{Value, json};

use super::settling::{rules, send_all};
use super::storing::{ACCOUNT, BATCH_ROWS, file, judged, opened};
use crate::sheets::{PAYERS, Rows, YEAR};

/// The hub's numbers of those requests: a sandbox that begins anew gives out small ones.
const FIRST_REQUEST: u32 = 1_000_000_000;

/// More would be due before anybody's calendar begins.
const MONTHS_MAX: u32 = 30;

/// So many rows in all, at most `per_sheet` in a month.
pub(super) async fn fill(url: &str, seed: u64, rows: u32, per_sheet: u32) -> Result<Value> {
    if rows / MONTHS_MAX > per_sheet {
        bail!(
            "{rows} rows are more than {MONTHS_MAX} sheets of {per_sheet}: measure with a larger sheet"
        );
    }
    let (ledger, mut lease) = opened(url).await?;
    let (mut request, mut valid) = (FIRST_REQUEST, 0);
    for (month, rows) in (1u8..).zip(months(rows, per_sheet)) {
        // A lease is for ten minutes, a month may take one or two.
        if let Some(anew) = ledger
            .lease_take(ACCOUNT, &lease.holder, std::time::Duration::from_secs(600))
            .await?
        {
            lease = anew;
        }
        let claim = ledger.file_claim(&lease, &file(month)).await?;
        let Claim::New { file_id } = claim else {
            bail!("the database is not empty");
        };
        let sheet = Rows::new(seed, PAYERS).due_in(YEAR - u16::from(month));
        let mut sheet = judged(sheet.take(rows as usize));
        let mut stored = Stored {
            sheets_json: "{}".to_owned(),
            ..Stored::default()
        };
        loop {
            let batch: Vec<_> = sheet.by_ref().take(BATCH_ROWS).collect();
            if batch.is_empty() {
                break;
            }
            let first = u32::try_from(stored.rows)? + 1;
            let new: Vec<_> = (first..)
                .zip(&batch)
                .map(|(row_no, row)| row.as_new(row_no))
                .collect();
            ledger.rows_store(&lease, file_id, &new).await?;
            stored.rows += new.len() as u64;
            stored.valid += batch.iter().filter(|row| row.is_valid()).count() as u64;
        }
        ledger.file_stored(&lease, file_id, &stored).await?;
        ledger.refresh_statistics().await?;
        ledger.plan_file(&lease, file_id, &rules()).await?;
        request += send_all(&ledger, &lease, request, RowState::Paid)
            .await?
            .calls;
        valid += stored.valid;
        // The bursar has the result sheet, and the file lies in `done/`: a service has nothing left to do.
        for file in ledger.reports_due(ACCOUNT).await? {
            ledger.report_written(&file).await?;
            ledger.file_put_away(file.file_id).await?;
        }
    }
    ledger.lease_release(&lease).await?;
    ledger.refresh_statistics().await?;
    ledger.close().await;
    Ok(json!({"rows": rows, "valid": valid}))
}

/// How many rows each month has; the last one has what is left.
fn months(rows: u32, per_sheet: u32) -> impl Iterator<Item = u32> {
    let per_sheet = per_sheet.max(1);
    let begins = (0..rows).step_by(per_sheet as usize);
    begins.map(move |at| per_sheet.min(rows - at))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_last_month_has_what_is_left() {
        assert_eq!(months(25, 10).collect::<Vec<_>>(), [10, 10, 5]);
        assert_eq!(months(10, 10).collect::<Vec<_>>(), [10]);
        assert_eq!(months(0, 10).count(), 0);
    }

    #[tokio::test]
    async fn every_payer_has_paid_as_often_as_there_are_months() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("history.db").display());
        fill(&url, 1, 300, 100).await.unwrap();

        let ledger = ingest_ledger::Ledger::open(&url).await.unwrap();
        assert!(ledger.verify().await.unwrap().is_empty());
        assert!(ledger.reports_due(ACCOUNT).await.unwrap().is_empty());
        let left = ledger.work_left(ACCOUNT).await.unwrap();
        assert_eq!(left, ingest_ledger::WorkLeft::default());
        let all = ingest_ledger::RowFilter {
            limit: 1_000,
            ..ingest_ledger::RowFilter::default()
        };
        let rows = ledger.rows(&all).await.unwrap();
        let mut paid = std::collections::BTreeMap::new();
        for row in rows.iter().filter(|row| row.state == RowState::Paid) {
            *paid.entry(row.identifier.clone()).or_insert(0) += 1;
        }
        assert!((90..=100).contains(&paid.len()), "{}", paid.len());
        assert!(paid.values().all(|months| *months == 3), "{paid:?}");
        ledger.close().await;
    }
}
